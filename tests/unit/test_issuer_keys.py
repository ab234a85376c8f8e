"""The issuer's keys: which are taken, and how seldom they are fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.errors import Unavailable
from tests.engine.issuer import US, World, jwk, rsa_key


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    "broken",
    [
        {"kty": "RSA", "kid": "rsa"},
        {"kty": "RSA", "kid": "rsa", "n": "!", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "kid": "rsa"},
        {"kty": "RSA", "kid": "rsa", "n": 7, "e": ["AQAB"]},
        {"kid": "rsa"},
    ],
)
def test_a_broken_key_in_the_set_spoils_no_other(world: World, broken: dict[str, object]) -> None:
    world.issuer.keys = [broken, *world.issuer.keys]
    assert world.verify(world.token()) == US


def test_an_encryption_key_verifies_nothing(world: World) -> None:
    world.issuer.keys = [jwk(rsa_key("issuer"), kid="rsa", use="enc")]
    assert world.refuses(world.token())


def test_keys_are_fetched_once_an_hour(world: World) -> None:
    for _ in range(10):
        world.verify(world.token())
    assert world.issuer.fetches == 1
    world.clock.advance(timedelta(hours=1))
    world.verify(world.token())
    assert world.issuer.fetches == 2


def test_unknown_key_ids_make_the_issuer_be_asked_once_a_minute_at_most(world: World) -> None:
    for number in range(100):
        world.refuses(world.token(header={"kid": f"made-up-{number}"}))
    assert world.issuer.fetches == 1
    world.clock.advance(timedelta(seconds=60))
    world.refuses(world.token(header={"kid": "made-up"}))
    assert world.issuer.fetches == 2


def test_a_new_key_of_the_issuer_is_found_within_a_minute(world: World) -> None:
    world.verify(world.token())
    world.issuer.keys = [jwk(rsa_key("next"), kid="next")]
    world.clock.advance(timedelta(seconds=60))
    assert world.verify(world.token(rsa_key("next"), header={"kid": "next"})) == US
    assert world.refuses(world.token())


def test_while_the_issuer_is_down_its_keys_stay_good_for_a_day(world: World) -> None:
    world.verify(world.token())
    world.issuer.down = True
    world.clock.advance(timedelta(hours=23))
    assert world.verify(world.token()) == US
    world.clock.advance(timedelta(hours=1))
    with pytest.raises(Unavailable):
        world.verify(world.token())


def test_an_issuer_that_never_answered_makes_no_token_wrong(world: World) -> None:
    world.issuer.down = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            world.verify(world.token())
    assert world.issuer.fetches == 1
