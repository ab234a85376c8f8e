"""Whom a JWT of the stack's OIDC issuer speaks for (RFC 7519, RFC 8725).

The token only says who calls: its claims `TENANT_CLAIM` and `PRINCIPAL_CLAIM` name a principal that
exists here, with its stored rights, as with a key.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Protocol

from jwt import PyJWK, PyJWT
from jwt import get_unverified_header as header_of
from jwt.exceptions import PyJWTError

from hookline.domain.ids import PrincipalId, TenantId, is_id, is_tenant_id
from hookline.errors import Unauthenticated
from hookline.ports import Clock
from hookline.services.identity.authenticate import SpeaksFor
from hookline.services.identity.issuer_keys import ALGORITHMS

TENANT_CLAIM = "hookline_tenant"
PRINCIPAL_CLAIM = "hookline_principal"

_LEEWAY = timedelta(seconds=30)
"""Tolerance for clocks that differ."""

_FOREIGN_KEYS = ("jku", "jwk", "x5u", "x5c", "crit")
"""Header fields that would make us take the sender's own key, or unknown rules."""


class Keys(Protocol):
    """`hookline.services.identity.issuer_keys.IssuerKeys`."""

    def find(self, key_id: str) -> PyJWK | None:
        """None if the issuer has no such key."""
        ...


class VerifyToken:
    """Checks signature, issuer, audience and times, in that order of trust."""

    def __init__(self, *, issuer: str, audience: str, keys: Keys, clock: Clock) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._jwt = PyJWT(options={"enforce_minimum_key_length": True})

    def __call__(self, token: str) -> SpeaksFor:
        """Raises `hookline.errors.Unauthenticated`, for whatever reason, and Unavailable."""
        try:
            claims = self._claims(token)
        except (PyJWTError, ValueError, RecursionError):
            # RFC 8725: whatever is malformed proves nothing. Parsers of a stranger's JSON and
            # base64 raise ValueError, and RecursionError for endless nesting.
            raise Unauthenticated from None
        self._check_times(claims)
        tenant, principal_id = claims.get(TENANT_CLAIM), claims.get(PRINCIPAL_CLAIM)
        if (
            isinstance(tenant, str)
            and is_tenant_id(tenant)
            and isinstance(principal_id, str)
            and is_id("prn", principal_id)
        ):
            return SpeaksFor(TenantId(tenant), PrincipalId(principal_id))
        raise Unauthenticated

    def _claims(self, token: str) -> dict[str, Any]:
        header = header_of(token)
        key_id, algorithm = header.get("kid"), header.get("alg")
        foreign = any(name in header for name in _FOREIGN_KEYS)
        if foreign or not isinstance(key_id, str) or algorithm not in ALGORITHMS.values():
            raise Unauthenticated
        key = self._keys.find(key_id)
        if key is None or key.algorithm_name != algorithm:
            raise Unauthenticated
        return self._jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=self._issuer,
            audience=self._audience,
            # Times are checked against our own clock, below.
            options={
                "require": ["iss", "aud", "exp"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock()
        if _instant(claims["exp"]) <= (now - _LEEWAY).timestamp():
            raise Unauthenticated
        for name in ("nbf", "iat"):
            if name in claims and _instant(claims[name]) > (now + _LEEWAY).timestamp():
                raise Unauthenticated


def _instant(value: object) -> float:
    """Seconds since 1970 (RFC 7519, NumericDate)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unauthenticated
    return float(value)
