"""The public keys of the OIDC issuer: fetched rarely, however often a stranger asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from hookline.errors import Unavailable
from hookline.ports import Clock

type Jwk = Mapping[str, object]

FetchKeys = Callable[[], Sequence[Jwk]]
"""The issuer's key set (RFC 7517), fetched now. Raises `hookline.errors.Unavailable`."""

ALGORITHMS: Mapping[tuple[object, object], str] = {
    ("RSA", None): "RS256",
    ("EC", "P-256"): "ES256",
}
"""The one algorithm for each type and curve of key. None is symmetric, so that nobody can sign
with a public key."""

_FRESH_FOR = timedelta(hours=1)
_GOOD_FOR = timedelta(hours=24)
"""For this long the keys count as valid while the issuer cannot be reached."""

_BETWEEN_FETCHES = timedelta(seconds=60)
"""Tokens with unknown key ids make us look for new keys this often, all of them together."""


class IssuerKeys:
    """The issuer's keys by their ids."""

    def __init__(self, fetch: FetchKeys, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None

    def find(self, key_id: str) -> PyJWK | None:
        """The key, None if the issuer has none with this id.

        Raises `hookline.errors.Unavailable` while no keys could be fetched yet.
        """
        now = self._clock()
        if key_id not in self._keys or self._age(now) >= _FRESH_FOR:
            self._refresh(now)
        if self._age(now) >= _GOOD_FOR:
            raise Unavailable("the OIDC issuer's keys")
        return self._keys.get(key_id)

    def _age(self, now: datetime) -> timedelta:
        return timedelta.max if self._fetched_at is None else now - self._fetched_at

    def _refresh(self, now: datetime) -> None:
        if self._tried_at is not None and now - self._tried_at < _BETWEEN_FETCHES:
            return
        self._tried_at = now
        try:
            found = self._fetch()
        except Unavailable:  # the present keys stay valid for a while
            return
        self._keys = {key_id: key for jwk in found for key_id, key in _usable(jwk)}
        self._fetched_at = now


def _usable(jwk: Jwk) -> Sequence[tuple[str, PyJWK]]:
    key_id = jwk.get("kid")
    algorithm = ALGORITHMS.get((jwk.get("kty"), jwk.get("crv")))
    if not isinstance(key_id, str) or algorithm is None or jwk.get("use", "sig") != "sig":
        return ()
    if jwk.get("alg", algorithm) != algorithm:
        return ()
    try:
        return ((key_id, PyJWK(dict(jwk), algorithm)),)
    except (PyJWTError, ValueError, TypeError, AttributeError):
        # A broken key must not spoil the others, whatever the parsers raise.
        return ()
