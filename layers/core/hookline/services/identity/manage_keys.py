"""A principal's keys: shown once, at most two at a time, revoked for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookline.domain.identity import api_keys
from hookline.domain.identity.identity import MAX_LIVE_KEYS, ApiKey
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import PrincipalId, TenantId, new_id
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock, Randomness
from hookline.ports.identity import ApiKeys
from hookline.services.identity.manage_principals import ManagePrincipals

_ULID_BYTES = 10


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its text, which is shown only now."""

    key: ApiKey
    text: str = field(repr=False)


class ManageKeys:
    """One method for each act on keys. ``pepper`` keys their digests, as in `Authenticate`."""

    def __init__(
        self,
        *,
        principals: ManagePrincipals,
        keys: ApiKeys,
        pepper: bytes,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._principals = principals
        self._keys = keys
        self._pepper = pepper
        self._clock = clock
        self._randomness = randomness

    def all(self, tenant: TenantId, principal_id: PrincipalId) -> Sequence[ApiKey]:
        """All keys that were not revoked, newest first, expired ones too. Raises NotFound."""
        stored = self._principals.get(tenant, principal_id)
        found = (self._keys.find(key_id) for key_id in reversed(stored.key_ids))
        return [key for key in found if key is not None]

    def get(self, tenant: TenantId, principal_id: PrincipalId, key_id: str) -> ApiKey:
        """Raises NotFound."""
        stored = self._principals.get(tenant, principal_id)
        key = self._keys.find(key_id) if key_id in stored.key_ids else None
        if key is None:
            raise NotFound
        return key

    def issue(
        self,
        caller: Principal,
        tenant: TenantId,
        principal_id: PrincipalId,
        expires_at: datetime | None,
    ) -> IssuedKey:
        """Makes another key; expired ones make room for it.

        Raises NotFound, Rejected for an expiry in the past, Conflict at two live keys, and
        Forbidden if the principal is a global admin and the caller is not.
        """
        now = floor_to_millis(self._clock())
        if expires_at is not None and expires_at <= now:
            raise Rejected([FieldError("expires_at", "must lie in the future")])
        before = self._principals.managed(caller, tenant, principal_id)
        live = [key.id for key in reversed(self.all(tenant, principal_id)) if not key.expired(now)]
        if len(live) >= MAX_LIVE_KEYS:
            raise Conflict(
                f"The principal has {MAX_LIVE_KEYS} live keys: revoke one first.", "too_many_keys"
            )
        key_id = new_id("key", now, self._randomness(_ULID_BYTES))
        text = api_keys.issue(key_id, self._randomness(api_keys.SECRET_BYTES))
        key = ApiKey(
            id=key_id,
            tenant=tenant,
            principal_id=principal_id,
            digest=_digest(self._pepper, text),
            created_at=now,
            expires_at=None if expires_at is None else floor_to_millis(expires_at),
        )
        gone = [old for old in before.key_ids if old not in live]
        self._principals.save(
            before, replace(before, key_ids=(*live, key_id)), new_key=key, gone=gone
        )
        return IssuedKey(key, text)

    def revoke(
        self, caller: Principal, tenant: TenantId, principal_id: PrincipalId, key_id: str
    ) -> None:
        """Ends a key: at once here, within 60 seconds everywhere. Raises as `issue` does."""
        before = self._principals.managed(caller, tenant, principal_id)
        if key_id not in before.key_ids:
            raise NotFound
        left = tuple(other for other in before.key_ids if other != key_id)
        self._principals.save(before, replace(before, key_ids=left), gone=[key_id])


def _digest(pepper: bytes, text: str) -> str:
    parsed = api_keys.parse(text)
    if parsed is None:  # `issue` and `parse` are two sides of one form
        raise ValueError("an issued key does not read back")
    return api_keys.digest(pepper, parsed)
