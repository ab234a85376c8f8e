"""Tokens of the OIDC issuer, and of everybody who is not it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hookline.domain.ids import PrincipalId
from hookline.errors import Unauthenticated, Unavailable
from hookline.services.authenticate import Claimed
from hookline.services.issuer_keys import IssuerKeys
from hookline.services.verify_token import VerifyToken
from tests.builders import TENANT, an_id
from tests.engine.clock import FakeClock

ISSUER = "https://login.example.com"
AUDIENCE = "hookline"
WHO = PrincipalId(an_id("prn"))
US = Claimed(TENANT, WHO)


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **fields: Any) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm: Any = jwt.algorithms.RSAAlgorithm
    else:
        algorithm = jwt.algorithms.ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), **fields}


class Issuer:
    """The issuer's published keys; ``fetches`` counts how often they were asked for."""

    def __init__(self) -> None:
        self.keys: Sequence[Mapping[str, object]] = [
            jwk(rsa_key("issuer"), kid="rsa", use="sig", alg="RS256"),
            jwk(ec_key("issuer"), kid="ec"),
        ]
        self.down = False
        self.fetches = 0

    def __call__(self) -> Sequence[Mapping[str, object]]:
        self.fetches += 1
        if self.down:
            raise Unavailable("the issuer")
        return self.keys


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.issuer = Issuer()
        self.verify = VerifyToken(
            issuer=ISSUER,
            audience=AUDIENCE,
            keys=IssuerKeys(self.issuer, self.clock),
            clock=self.clock,
        )

    def claims(self, **overrides: Any) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "sub": "ci"}
        ours = {"hookline_tenant": TENANT, "hookline_principal": WHO}
        return {
            name: value
            for name, value in {**standard, **ours, **overrides}.items()
            if value is not None
        }

    def token(
        self,
        key: Any = None,
        algorithm: str = "RS256",
        header: Mapping[str, object] | None = None,
        **overrides: Any,
    ) -> str:
        return jwt.encode(
            self.claims(**overrides),
            rsa_key("issuer") if key is None else key,
            algorithm=algorithm,
            headers={"kid": "rsa", **(header or {})},
        )

    def refuses(self, token: str) -> bool:
        with pytest.raises(Unauthenticated):
            self.verify(token)
        return True


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
