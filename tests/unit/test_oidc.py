"""Tokens of the OIDC issuer, and of everybody who is not it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from tests.engine.issuer import AUDIENCE, ISSUER, US, World, ec_key, jwk, rsa_key


@pytest.fixture
def world() -> World:
    return World()


def raw(header: Mapping[str, object], claims: Mapping[str, object], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_a_token_of_the_issuer_names_tenant_and_principal(world: World) -> None:
    assert world.verify(world.token()) == US
    assert world.verify(world.token(ec_key("issuer"), "ES256", {"kid": "ec"})) == US
    assert world.verify(world.token(aud=["other", AUDIENCE])) == US


def test_no_signature_at_all_proves_nothing(world: World) -> None:
    for algorithm in ("none", "None", "NONE", "nOnE", "", None):
        assert world.refuses(raw({"alg": algorithm, "kid": "rsa"}, world.claims()))
    good_header, good_claims, _ = world.token().split(".")
    assert world.refuses(f"{good_header}.{good_claims}.")


def test_the_public_key_is_no_secret_to_sign_with(world: World) -> None:
    public = rsa_key("issuer").public_key()
    for encoded in (
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    ):
        unsigned = raw({"alg": "HS256", "kid": "rsa"}, world.claims()).rstrip(".")
        mac = hmac.digest(encoded, unsigned.encode(), hashlib.sha256)
        signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        assert world.refuses(f"{unsigned}.{signature}")


def test_a_key_verifies_its_own_algorithm_only(world: World) -> None:
    assert world.refuses(world.token(ec_key("issuer"), "ES256"))
    assert world.refuses(world.token(header={"kid": "ec"}))
    for algorithm in ("RS384", "RS512", "PS256"):
        assert world.refuses(world.token(algorithm=algorithm))


def test_a_symmetric_key_in_the_set_is_passed_over(world: World) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("=")
    world.issuer.keys = [{"kty": "oct", "kid": "shared", "k": secret, "alg": "HS256"}]
    assert world.refuses(world.token(b"s" * 32, "HS256", {"kid": "shared"}))


@pytest.mark.parametrize(
    "field", ["jku", "x5u", "jwk", "x5c", "crit"], ids=lambda field: f"by_{field}"
)
def test_a_key_that_the_token_brings_along_is_not_taken(world: World, field: str) -> None:
    attacker = rsa_key("attacker")
    values: dict[str, object] = {
        "jku": "https://attacker.example/keys",
        "x5u": "https://attacker.example/cert",
        "jwk": jwk(attacker),
        "x5c": ["MIIB"],
        "crit": ["exp"],
    }
    assert world.refuses(world.token(attacker, header={field: values[field]}))
    assert world.refuses(world.token(header={field: values[field]}))


def test_a_strangers_signature_is_refused(world: World) -> None:
    assert world.refuses(world.token(rsa_key("attacker")))
    assert world.refuses(world.token(rsa_key("attacker"), header={"kid": "unknown"}))
    assert world.refuses(raw({"alg": "RS256"}, world.claims(), b"x"))
    assert world.refuses(raw({"alg": "RS256", "kid": ["rsa"]}, world.claims(), b"x"))


def test_edited_claims_break_the_signature(world: World) -> None:
    header, _, signature = world.token().split(".")
    claims = json.dumps(world.claims(hookline_tenant="globex")).encode()
    edited = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    assert world.refuses(f"{header}.{edited}.{signature}")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://attacker.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": {"hookline": True}},
    ],
)
def test_a_foreign_issuer_or_audience_is_refused(world: World, claims: dict[str, Any]) -> None:
    token = jwt.encode(world.claims(), rsa_key("issuer"), "RS256", {"kid": "rsa"})
    assert world.verify(token) == US
    header, _, _ = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(world.claims(**claims)).encode()).decode()
    unsigned = f"{header}.{body.rstrip('=')}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
        unsigned.encode(), rsa_key("issuer")
    )
    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert world.refuses(f"{unsigned}.{encoded}")


def test_a_token_is_good_from_its_beginning_to_its_end(world: World) -> None:
    now = world.clock().timestamp()
    assert world.refuses(world.token(exp=int(now) - 30))
    assert world.verify(world.token(exp=int(now) - 28)) == US
    assert world.refuses(world.token(exp=None))
    assert world.refuses(world.token(nbf=int(now) + 60))
    assert world.refuses(world.token(iat=int(now) + 60))
    assert world.verify(world.token(nbf=int(now) + 20, iat=int(now) + 20)) == US


@pytest.mark.parametrize("expiry", ["9999999999", True, [], 1e400, -1])
def test_an_end_that_is_no_date_is_refused(world: World, expiry: object) -> None:
    assert world.refuses(world.token(exp=expiry))


@pytest.mark.parametrize(
    "claims",
    [
        {"hookline_tenant": None},
        {"hookline_principal": None},
        {"hookline_tenant": ["acme"]},
        {"hookline_tenant": "#tenants"},
        {"hookline_principal": "prn_root"},
        {"hookline_principal": "tenant"},
        {"hookline_principal": 7},
    ],
)
def test_a_token_that_names_nobody_is_refused(world: World, claims: dict[str, Any]) -> None:
    assert world.refuses(world.token(**claims))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "é.é.é", "e30.e30.e30", raw({}, {}), "W10.W10.", "[" * 5_000],
)
def test_what_is_no_token_is_refused(world: World, token: str) -> None:
    assert world.refuses(token)


def test_bottomless_nesting_is_refused(world: World) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")
    assert world.refuses(f"{deep}.e30.x")


def test_a_weak_key_is_refused(world: World) -> None:
    world.issuer.keys = [jwk(rsa_key("weak", 1024), kid="rsa")]
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = world.token(rsa_key("weak", 1024))
    assert world.refuses(token)
