"""Finds out who is calling: by API key, root key, session, or a token of the stack's OIDC issuer.

Whatever is wrong with a credential, the answer is the same `Unauthenticated`. Nothing made up costs
more than one read: a key with a wrong checksum costs none, unknown keys are remembered, and
principals are read only for keys whose secret is right.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from hookline.bounded_cache import BoundedCache
from hookline.domain.identity import api_keys, sessions
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.identity.rights import ROOT, Credential, Principal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.errors import Unauthenticated, Unavailable
from hookline.ports import Clock
from hookline.ports.identity import ApiKeys, Principals

LIFETIME = timedelta(seconds=60)
"""How old a cached answer may get, and so how long a revoked key may still work."""

_SIZE = 10_000  # of each cache: a few megabytes
_MAX_CREDENTIAL = 8_192  # in characters; an OIDC token is a good deal shorter


@dataclass(frozen=True, slots=True)
class SpeaksFor:
    """The principal that a token of the issuer names."""

    tenant: TenantId
    principal_id: PrincipalId


class VerifyToken(Protocol):
    """Whom a JWT speaks for; in production the service of that name."""

    def __call__(self, token: str) -> SpeaksFor:
        """Raises `hookline.errors.Unauthenticated` for one that proves nothing."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored key, and its principal once somebody has shown its secret."""

    key: ApiKey
    principal: Principal | None


class Authenticate:
    """Turns an Authorization header into the `Principal` who sent it."""

    def __init__(
        self,
        *,
        keys: ApiKeys,
        principals: Principals,
        root_secret: Callable[[], str],
        pepper: bytes,
        clock: Clock,
        verify_token: VerifyToken | None = None,
    ) -> None:
        """``root_secret`` gives the root key's secret, from memory if possible.

        ``pepper`` keys the digests of all other keys. ``verify_token`` is None if the stack has no
        OIDC issuer.
        """
        self._keys = keys
        self._principals = principals
        self._root_secret = root_secret
        self._pepper = pepper
        self._clock = clock
        self._verify_token = verify_token
        # Separate from the known ones, which a flood of made-up keys must not push out.
        self._unknown = BoundedCache[str, bool](size=_SIZE, lifetime=LIFETIME, clock=clock)
        self._known = BoundedCache[str, _Known](size=_SIZE, lifetime=LIFETIME, clock=clock)
        self._by_whom = BoundedCache[SpeaksFor, StoredPrincipal](
            size=_SIZE, lifetime=LIFETIME, clock=clock
        )

    def __call__(self, authorization_header: str | None) -> Principal:
        """Who sent this header. Raises `hookline.errors.Unauthenticated`."""
        credential = _bearer(authorization_header)
        if credential.startswith(api_keys.ROOT_PREFIX):
            return self._by_root_key(credential.removeprefix(api_keys.ROOT_PREFIX))
        if credential.startswith("hl_"):
            return self._by_key(credential)
        if credential.startswith(sessions.PREFIX):
            return self._by_session(credential)
        if self._verify_token is not None:
            return self._by_claims(self._verify_token(credential))
        raise Unauthenticated

    def forget(self, principal_id: PrincipalId) -> None:
        """Forgets the principal, which this process has just changed, or whose keys it has."""
        self._known.forget(lambda known: known.key.principal_id == principal_id)
        self._by_whom.forget(lambda stored: stored.principal.id == principal_id)

    def _by_root_key(self, secret: str) -> Principal:
        expected = self._root_secret()
        if not expected or not hmac.compare_digest(
            expected.encode(), secret.encode("utf-8", "surrogatepass")
        ):
            raise Unauthenticated
        return ROOT

    def _by_key(self, credential: str) -> Principal:
        parsed = api_keys.parse(credential)
        if parsed is None:
            raise Unauthenticated
        digest = api_keys.digest(self._pepper, parsed)
        known = self._look_up(parsed.id)
        if not hmac.compare_digest(known.key.digest, digest) or known.key.expired(self._clock()):
            raise Unauthenticated
        if known.principal is not None:
            return known.principal
        return self._identify(known.key)

    def _look_up(self, key_id: str) -> _Known:
        if self._unknown.get(key_id):
            raise Unauthenticated
        known = self._known.get(key_id)
        if known is not None:
            return known
        key = self._keys.find(key_id)
        if key is None:
            self._unknown.put(key_id, True)
            raise Unauthenticated
        known = _Known(key, None)
        self._known.put(key_id, known)
        return known

    def _identify(self, key: ApiKey) -> Principal:
        stored = self._principals.get(key.tenant, key.principal_id)
        if stored is None or key.id not in stored.key_ids:  # deleted or revoked
            self._known.discard(key.id)
            self._unknown.put(key.id, True)
            raise Unauthenticated
        caller = replace(stored.principal, credential=Credential("key", key.expires_at))
        self._known.put(key.id, _Known(self._note_use(key), caller))
        return caller

    def _note_use(self, key: ApiKey) -> ApiKey:
        now = self._clock()
        if key.last_used_at is not None and key.last_used_at.date() >= now.date():
            return key
        try:
            self._keys.used(key, now)
        except Unavailable:  # a missing date must not lock out a good key
            return key
        return replace(key, last_used_at=now)

    def _by_claims(self, whom: SpeaksFor) -> Principal:
        return replace(self._stored(whom).principal, credential=Credential("token"))

    def _by_session(self, credential: str) -> Principal:
        session = sessions.unseal(self._pepper, credential)
        if session is None or session.expires_at <= self._clock():
            raise Unauthenticated
        stored = self._stored(SpeaksFor(session.tenant, session.principal_id))
        ended_at = stored.sessions_ended_at
        if ended_at is not None and session.issued_at <= ended_at:
            raise Unauthenticated
        came_by = Credential("session", session.expires_at, session.look)
        return replace(stored.principal, credential=came_by)

    def _stored(self, whom: SpeaksFor) -> StoredPrincipal:
        stored = self._by_whom.get(whom)
        if stored is None:
            stored = self._principals.get(whom.tenant, whom.principal_id)
            if stored is None:
                raise Unauthenticated
            self._by_whom.put(whom, stored)
        return stored


def _bearer(header: str | None) -> str:
    """The credential of a bearer header (RFC 6750); schemes ignore case (RFC 9110)."""
    scheme, _, credential = (header or "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(credential) > _MAX_CREDENTIAL:
        raise Unauthenticated
    return credential
