"""An issuer's keys where it publishes them, and the tokens it signs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from hookline.errors import Unavailable
from tests.builders import NOW
from tests.engine.issuer import AUDIENCE, ISSUER, jwk, rsa_key

DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = "https://keys.example.com/jwks"
VERIFY = {"type": "jwt", "issuer": ISSUER, "audience": AUDIENCE}
OF_THE_ISSUER = jwk(rsa_key("issuer"), kid="rsa", use="sig", alg="RS256")


class Published:
    """An issuer's documents as they are kept: another one only for who asks anew."""

    def __init__(self, *keys: Mapping[str, object], **discovery: object) -> None:
        self.now: dict[str, object] = {
            DISCOVERY: {"issuer": ISSUER, "jwks_uri": KEYS, **discovery},
            KEYS: {"keys": list(keys or [OF_THE_ISSUER])},
        }
        self.kept: dict[str, object] = {}
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        assert hosts == ()
        self.asked.append((url, anew))
        if anew or url not in self.kept:
            if url not in self.now:
                raise Unavailable(url)
            self.kept[url] = self.now[url]
        document = self.kept[url]
        return document if isinstance(document, bytes) else json.dumps(document).encode()


def claims(**overrides: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300}
    return {name: value for name, value in {**standard, **overrides}.items() if value is not None}


def token(key: Any = None, algorithm: str = "RS256", **header: object) -> str:
    key = rsa_key("issuer") if key is None else key
    return jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": "rsa", **header})
