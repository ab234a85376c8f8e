"""A tenant's principals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypedDict

from hookline.domain.documents.merge_patch import edited
from hookline.domain.identity.acts import Action, Level
from hookline.domain.identity.fields import PrincipalFields
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import PrincipalId, TenantId, is_id, new_id
from hookline.domain.times import floor_to_millis, iso
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.identity import PrincipalChanges, Principals
from hookline.services.identity.authorize import Gate

_ULID_BYTES = 10


class PrincipalStore(Principals, PrincipalChanges, Protocol):
    """Reads and writes principals."""


class _Decided(TypedDict):
    name: str
    level: Level | None
    default_webhook_level: Level | None
    global_admin: bool


class ManagePrincipals:
    """Creates, reads, changes and deletes principals.

    The routes admit tenant admins. Acts that concern a global admin (making, changing or deleting
    one, giving or taking its keys) also require a global admin; this is checked here, where the
    principal is known. ``changed`` is called with every principal that changed, so that at least
    this process forgets it at once.
    """

    def __init__(
        self,
        *,
        authorize: Gate,
        principals: PrincipalStore,
        clock: Clock,
        randomness: Randomness,
        changed: Callable[[PrincipalId], None] = lambda _: None,
    ) -> None:
        self._authorize = authorize
        self._principals = principals
        self._clock = clock
        self._randomness = randomness
        self._changed = changed

    def create(
        self, caller: Principal, tenant: TenantId, document: Mapping[str, object]
    ) -> StoredPrincipal:
        """Raises Rejected, and Forbidden if it requires a global admin."""
        given = PrincipalFields.of(document)
        if given.global_admin:
            self._authorize(caller, tenant, Action.MANAGE_GLOBAL_ADMINS)
        now = self._now()
        stored = StoredPrincipal(
            tenant=tenant,
            principal=Principal(
                id=PrincipalId(new_id("prn", now, self._randomness(_ULID_BYTES))),
                tenant=tenant,
                **_decided(given),
            ),
            created_at=now,
            created_by=caller.id,
            updated_at=now,
        )
        self._principals.create(stored)
        return stored

    def get(self, tenant: TenantId, principal_id: PrincipalId) -> StoredPrincipal:
        """Raises NotFound."""
        stored = self._principals.get(tenant, principal_id) if is_id("prn", principal_id) else None
        if stored is None:
            raise NotFound
        return stored

    def page(
        self, tenant: TenantId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[StoredPrincipal], PrincipalId | None]:
        """Newest first."""
        return self._principals.page(tenant, limit, before)

    def change(
        self,
        caller: Principal,
        tenant: TenantId,
        principal_id: PrincipalId,
        patch: Mapping[str, object],
    ) -> StoredPrincipal:
        """The principal after the merge patch.

        Raises NotFound, Rejected, Conflict if it is changed elsewhere at the same time, and
        Forbidden if it is, or would become, a global admin and the caller is not.
        """
        before = self.managed(caller, tenant, principal_id)
        given = PrincipalFields.of(_patched(before, patch))
        if given.global_admin:
            self._authorize(caller, tenant, Action.MANAGE_GLOBAL_ADMINS)
        principal = replace(before.principal, **_decided(given))
        return self.save(before, replace(before, principal=principal))

    def delete(self, caller: Principal, tenant: TenantId, principal_id: PrincipalId) -> None:
        """Its keys go with it. Raises NotFound, Conflict and Forbidden as `change` does."""
        stored = self.managed(caller, tenant, principal_id)
        if not self._principals.delete(stored):
            raise _changed_meanwhile()
        self._changed(principal_id)

    def managed(
        self, caller: Principal, tenant: TenantId, principal_id: PrincipalId
    ) -> StoredPrincipal:
        """The principal, for a caller who may change it. Raises NotFound and Forbidden."""
        stored = self.get(tenant, principal_id)
        if stored.principal.global_admin:
            self._authorize(caller, tenant, Action.MANAGE_GLOBAL_ADMINS)
        return stored

    def save(
        self,
        before: StoredPrincipal,
        after: StoredPrincipal,
        *,
        new_key: ApiKey | None = None,
        gone: Sequence[str] = (),
    ) -> StoredPrincipal:
        """Writes the next version. Raises Conflict if ``before`` is out of date."""
        after = replace(after, version=before.version + 1, updated_at=self._now())
        if not self._principals.replace(before, after, new_key=new_key, gone_keys=gone):
            raise _changed_meanwhile()
        self._changed(before.principal.id)
        return after

    def _now(self) -> datetime:
        return floor_to_millis(self._clock())


def _decided(given: PrincipalFields) -> _Decided:
    return {
        "name": given.name,
        "level": _level(given.level),
        "default_webhook_level": _level(given.default_webhook_level),
        "global_admin": given.global_admin,
    }


def _level(name: str | None) -> Level | None:
    return None if name is None else Level(name)


def _patched(stored: StoredPrincipal, patch: Mapping[str, object]) -> dict[str, object]:
    principal = stored.principal
    document = {
        "name": principal.name,
        "level": principal.level and principal.level.value,
        "default_webhook_level": principal.default_webhook_level
        and principal.default_webhook_level.value,
        "global_admin": principal.global_admin,
    }
    standing = {
        "id": principal.id,
        "tenant": stored.tenant,
        "created_at": iso(stored.created_at),
        "created_by": stored.created_by,
        "updated_at": iso(stored.updated_at),
    }
    return edited(document, patch, standing=standing, parts=frozenset())


def _changed_meanwhile() -> Conflict:
    return Conflict("The principal was changed at the same time: read it again.", "edit_conflict")
