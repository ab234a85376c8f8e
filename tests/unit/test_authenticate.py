"""Who is calling, and what finding out costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hookline.domain.identity import api_keys
from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import ApiKey
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import PrincipalId
from hookline.errors import Unauthenticated, Unavailable
from hookline.services.identity.authenticate import SpeaksFor
from tests.builders import TENANT, an_id
from tests.engine.callers import ROOT_SECRET, Callers, bearer
from tests.engine.identity import InMemoryApiKeys


@pytest.fixture
def world() -> Callers:
    return Callers()


def refusal(world: Callers, header: str | None) -> str:
    with pytest.raises(Unauthenticated) as caught:
        world.authenticate(header)
    return caught.value.detail


def test_a_key_names_its_principal(world: Callers) -> None:
    principal = world.principal(level=Level.WRITE)
    key = world.key_of(principal)
    assert world.authenticate(bearer(key.text)) == principal
    assert world.authenticate(f"bearer  {key.text} ") == principal


def test_a_good_key_is_read_once_a_minute(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    key = world.key_of(principal)
    world.reads()
    for _ in range(5):
        world.authenticate(bearer(key.text))
    once = [f"key {key.key.id}", f"principal {principal.id}"]
    assert world.reads() == once
    world.clock.advance(timedelta(seconds=60))
    world.authenticate(bearer(key.text))
    assert world.reads() == once


def test_unknown_wrong_expired_and_revoked_keys_answer_alike(world: Callers) -> None:
    principal = world.principal(level=Level.ADMIN)
    revoked = world.key_of(principal)
    world.manage_keys.revoke(ROOT, TENANT, principal.id, revoked.key.id)
    expired = world.key_of(principal, world.clock() + timedelta(hours=1))
    world.clock.advance(timedelta(hours=1))
    good = world.key_of(principal)
    details = {
        refusal(world, header)
        for header in [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Basic aGk6aG8=",
            bearer("hl_"),
            bearer("hl_root_"),
            bearer("hl_root_wrong"),
            bearer("hl_root_" + chr(0xD800)),
            bearer("x" * 9_000),
            bearer("eyJhbGciOiJub25lIn0.e30."),
            bearer(good.text[:-1]),
            bearer(api_keys.issue(an_id("key"), bytes(32))),
            bearer(api_keys.issue(good.key.id, bytes(32))),
            bearer(expired.text),
            bearer(revoked.text),
        ]
    }
    assert details == {Unauthenticated().detail}


def test_a_made_up_key_costs_no_read_and_an_unknown_one_costs_one(world: Callers) -> None:
    world.reads()
    refusal(world, bearer("hl_key_" + "0" * 26 + "_" + "a" * 49))
    assert world.reads() == []
    unknown = api_keys.issue(an_id("key"), bytes(32))
    for _ in range(5):
        refusal(world, bearer(unknown))
    assert len(world.reads()) == 1


def test_a_wrong_secret_never_costs_more_than_the_keys_own_read(world: Callers) -> None:
    key = world.key_of(world.principal(level=Level.READ))
    wrong = api_keys.issue(key.key.id, bytes(32))
    world.reads()
    for _ in range(5):
        refusal(world, bearer(wrong))
    assert world.reads() == [f"key {key.key.id}"]


def test_a_flood_of_made_up_keys_stays_in_bounds_and_pushes_no_good_key_out(
    world: Callers,
) -> None:
    key = world.key_of(world.principal(level=Level.READ))
    world.authenticate(bearer(key.text))
    for number in range(10_050):
        refusal(world, bearer(api_keys.issue(an_id("key"), number.to_bytes(32))))
    world.reads()
    world.authenticate(bearer(key.text))
    assert world.reads() == []
    assert len(world.authenticate._unknown) == 10_000


def test_a_revoked_key_ends_at_once_here_and_within_a_minute_elsewhere(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    key = world.key_of(principal)
    elsewhere = world.another_process()
    world.authenticate(bearer(key.text))
    elsewhere(bearer(key.text))
    world.manage_keys.revoke(ROOT, TENANT, principal.id, key.key.id)
    refusal(world, bearer(key.text))
    world.clock.advance(timedelta(seconds=59))
    assert elsewhere(bearer(key.text)) == principal
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        elsewhere(bearer(key.text))


def test_an_expired_key_ends_on_time_though_it_is_cached(world: Callers) -> None:
    key = world.key_of(world.principal(level=Level.READ), world.clock() + timedelta(seconds=10))
    world.authenticate(bearer(key.text))
    world.clock.advance(timedelta(seconds=10))
    refusal(world, bearer(key.text))


def test_a_key_that_its_principal_does_not_list_does_not_work(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    key = world.key_of(principal)
    stored = world.all.keys[key.key.id]
    world.manage_keys.revoke(ROOT, TENANT, principal.id, key.key.id)
    world.all.keys[key.key.id] = stored
    refusal(world, bearer(key.text))


def test_last_use_is_written_once_a_day(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    key = world.key_of(principal)
    first = world.clock()
    world.authenticate(bearer(key.text))
    world.clock.advance(timedelta(hours=2))
    world.authenticate(bearer(key.text))
    assert world.all.keys[key.key.id].last_used_at == first
    world.clock.advance(timedelta(days=1))
    world.authenticate(bearer(key.text))
    assert world.all.keys[key.key.id].last_used_at == world.clock()


class ThrottledKeys(InMemoryApiKeys):
    def used(self, key: ApiKey, at: datetime) -> None:
        raise Unavailable("throttled")


def test_a_date_that_cannot_be_written_keeps_no_good_key_out(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    key = world.key_of(principal)
    world.keys = ThrottledKeys(world.all)
    assert world.another_process()(bearer(key.text)) == principal


def test_the_root_key_is_a_global_admin(world: Callers) -> None:
    assert world.authenticate(bearer(f"hl_root_{ROOT_SECRET}")) is ROOT
    refusal(world, bearer(f"hl_root_{ROOT_SECRET}x"))


def test_an_empty_root_secret_opens_nothing(world: Callers) -> None:
    world.root_secret = ""
    refusal(world, bearer("hl_root_"))


def test_a_token_is_asked_about_only_where_the_stack_names_an_issuer() -> None:
    whom: list[SpeaksFor] = []
    world = Callers(verify_token=lambda token: whom[int(token)])
    principal = world.principal(level=Level.WRITE)
    whom += [
        SpeaksFor(TENANT, principal.id),
        SpeaksFor(TENANT, PrincipalId(an_id("prn"))),
    ]
    assert world.authenticate(bearer("0")) == principal
    refusal(world, bearer("1"))
    refusal(Callers(), bearer("0"))
