"""Tokens of issuers: whose they take, and what an issuer or a forger may try."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hookline.domain.inbound.signatures import Arrival, NotVerified, Verdict, Verified
from hookline.domain.inbound.verify import Verify
from hookline.errors import Unavailable
from tests.builders import NOW
from tests.engine.issuer import ec_key, jwk, rsa_key
from tests.inbound_builders import a_call
from tests.unit.inbound.issuing import (
    DISCOVERY,
    KEYS,
    OF_THE_ISSUER,
    VERIFY,
    Published,
    claims,
    token,
)


def judged(text: str | None, published: Published | None = None) -> Verdict:
    headers = {} if text is None else {"authorization": f"Bearer {text}"}
    arrival = Arrival(a_call(headers=headers), NOW, published or Published())
    return Verify(VERIFY).judge((), arrival)


def reason(verdict: Verdict) -> str:
    assert isinstance(verdict, NotVerified), verdict
    return verdict.reason


ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

SIGNERS: list[tuple[str, Any, dict[str, Any]]] = [
    ("RS256", rsa_key("issuer"), OF_THE_ISSUER),
    ("RS512", rsa_key("issuer"), jwk(rsa_key("issuer"), kid="rsa")),
    ("PS256", rsa_key("issuer"), jwk(rsa_key("issuer"), kid="rsa", alg="PS256")),
    ("ES256", ec_key("issuer"), jwk(ec_key("issuer"), kid="rsa")),
    (
        "EdDSA",
        ED,
        {**jwt.algorithms.OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True), "kid": "rsa"},
    ),
]


@pytest.mark.parametrize(("algorithm", "key", "public"), SIGNERS, ids=[s[0] for s in SIGNERS])
def test_what_the_issuer_signed_for_us_is_taken(
    algorithm: str, key: Any, public: dict[str, Any]
) -> None:
    published = Published(public)
    assert judged(token(key, algorithm), published) == Verified()
    assert published.asked == [(DISCOVERY, False), (KEYS, False)]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://login.example.com.evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": None},
        {"exp": int((NOW - timedelta(seconds=61)).timestamp())},
        {"exp": "tomorrow"},
        {"nbf": int((NOW + timedelta(seconds=62)).timestamp())},
        {"nbf": "now"},
    ],
)
def test_a_token_of_another_or_for_another_or_out_of_date_is_refused(
    changed: dict[str, Any],
) -> None:
    text = jwt.encode(claims(**changed), rsa_key("issuer"), "RS256", headers={"kid": "rsa"})
    assert isinstance(judged(text), NotVerified)


@pytest.mark.parametrize("at", range(3))
def test_any_part_of_a_token_that_differs_is_refused(at: int) -> None:
    parts = token().split(".")
    middle = len(parts[at]) // 2
    other = "A" if parts[at][middle] != "A" else "B"
    parts[at] = parts[at][:middle] + other + parts[at][middle + 1 :]
    assert isinstance(judged(".".join(parts)), NotVerified)


@pytest.mark.parametrize("text", [None, "", "x", "a.b.c", "....", "\x00", "e30.e30.", "é.é.é"])
def test_what_is_no_token_is_refused_and_nothing_is_fetched(text: str | None) -> None:
    published = Published()
    assert isinstance(judged(text, published), NotVerified)
    assert published.asked == []


def test_a_token_that_nobody_signed_is_refused() -> None:
    text = jwt.encode(claims(), "", algorithm="none", headers={"kid": "rsa"})
    assert reason(judged(text)) == "the token's algorithm is not one we take"


def test_what_is_signed_with_the_public_key_as_a_shared_secret_is_refused() -> None:
    pem = (
        rsa_key("issuer")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    signer = jwt.PyJWS()
    signer.unregister_algorithm("HS256")
    signer.register_algorithm("HS256", _Careless("HS256"))
    text = signer.encode(json.dumps(claims()).encode(), pem, "HS256", headers={"kid": "rsa"})
    assert reason(judged(text)) == "the token's algorithm is not one we take"
    renamed = _with_header(text, alg="RS256", kid="rsa")
    assert reason(judged(renamed)) == "the token does not verify"


class _Careless(jwt.algorithms.HMACAlgorithm):
    """Signs with a public key, as forgers do and PyJWT does not."""

    def __init__(self, _name: str) -> None:
        super().__init__(jwt.algorithms.HMACAlgorithm.SHA256)

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key


def _with_header(text: str, **header: object) -> str:
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ".".join([first, *text.split(".")[1:]])


@pytest.mark.parametrize("name", ["jku", "jwk", "x5u", "x5c", "crit"])
def test_a_token_that_brings_its_own_key_is_refused_and_nothing_is_fetched(name: str) -> None:
    published = Published()
    header = {"kid": "rsa", name: ["https://forger.example/keys"]}
    text = jwt.encode(claims(), rsa_key("forger"), "RS256", headers=header)
    assert isinstance(judged(text, published), NotVerified)
    assert published.asked == []


@pytest.mark.parametrize(
    "keys",
    [
        [jwk(rsa_key("issuer"), kid="another")],
        [jwk(rsa_key("issuer"))],
        [jwk(rsa_key("issuer"), kid="rsa", use="enc")],
        [jwk(rsa_key("issuer"), kid="rsa", alg="RS512")],
        [jwk(ec_key("issuer"), kid="rsa")],
        [{"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "kid": "rsa", "n": "", "e": "AQAB"}],
        [{"kty": "RSA", "kid": "rsa", "n": 7}],
        [{"kid": "rsa"}],
        ["rsa", None, 1],
        {"rsa": OF_THE_ISSUER},
        None,
    ],
)
def test_without_a_fitting_key_of_the_issuers_a_token_is_refused(keys: object) -> None:
    published = Published()
    published.now[KEYS] = {"keys": keys}
    assert reason(judged(token(), published)) == (
        "the issuer has no key of the token's name and algorithm"
    )


def test_a_broken_key_of_the_same_name_spoils_no_other() -> None:
    broken = {"kty": "RSA", "kid": "rsa", "n": "!", "e": "AQAB"}
    published = Published(broken, jwk(ec_key("issuer"), kid="rsa"), OF_THE_ISSUER)
    assert judged(token(), published) == Verified()


def test_a_key_too_long_to_check_is_not_used() -> None:
    number = base64.urlsafe_b64encode(b"\xff" * 1_100).rstrip(b"=").decode()
    published = Published({"kty": "RSA", "kid": "rsa", "n": number, "e": "AQAB"})
    assert "no key" in reason(judged(token(), published))


@pytest.mark.parametrize(
    "document",
    [b"", b"not json", b"[]", b"null", b"[" * 100_000, b'{"keys":[],"keys":[]}', b"\xff\xfe"],
)
@pytest.mark.parametrize("address", [DISCOVERY, KEYS])
def test_an_issuer_that_answers_nonsense_has_no_key(address: str, document: bytes) -> None:
    published = Published()
    published.now[address] = document
    assert isinstance(judged(token(), published), NotVerified)


def test_an_issuer_that_calls_itself_by_another_name_is_not_believed() -> None:
    published = Published(issuer="https://login.example.com.evil.example")
    assert reason(judged(token(), published)) == "the issuer calls itself by another name"


def test_a_new_key_of_the_issuers_is_found_by_asking_anew() -> None:
    published = Published()
    assert judged(token(), published) == Verified()
    published.now[KEYS] = {"keys": [OF_THE_ISSUER, jwk(rsa_key("next"), kid="next")]}
    assert judged(token(rsa_key("next"), kid="next"), published) == Verified()
    assert judged(token(rsa_key("forger"), kid="next"), published) == NotVerified(
        "the token does not verify"
    )


def test_keys_that_stand_elsewhere_than_discovery_says_are_taken_from_there() -> None:
    published = Published()
    del published.now[DISCOVERY]
    headers = {"authorization": f"Bearer {token()}"}
    arrival = Arrival(a_call(headers=headers), NOW, published)
    assert Verify({**VERIFY, "jwks_url": KEYS}).judge((), arrival) == Verified()
    assert published.asked == [(KEYS, False)]


def test_an_issuer_out_of_reach_decides_nothing() -> None:
    published = Published()
    del published.now[KEYS]
    with pytest.raises(Unavailable):
        judged(token(), published)
