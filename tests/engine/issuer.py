"""An OIDC issuer with its keys, and tokens signed by it and by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hookline.domain.ids import PrincipalId
from hookline.errors import Unauthenticated, Unavailable
from hookline.services.identity.authenticate import SpeaksFor
from hookline.services.identity.issuer_keys import IssuerKeys
from hookline.services.identity.verify_token import VerifyToken
from tests.builders import TENANT, an_id
from tests.engine.clock import FakeClock

ISSUER = "https://login.example.com"
AUDIENCE = "hookline"
WHO = PrincipalId(an_id("prn"))
US = SpeaksFor(TENANT, WHO)


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
