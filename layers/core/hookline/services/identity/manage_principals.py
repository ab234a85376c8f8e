"""A tenant's principals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.identity.rights import Action, Level, Principal
from hookline.domain.ids import PrincipalId, TenantId, is_id, new_id
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock, Randomness
from hookline.ports.identity import PrincipalChanges, Principals
from hookline.services.identity.authorize import Gate

MAX_NAME = 200
_ULID_BYTES = 10


class PrincipalStore(Principals, PrincipalChanges, Protocol):
    """Reads and writes principals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalDraft:
    """What a principal shall be: a new one, or one after a change."""

    name: str
    level: Level | None = None
    default_webhook_level: Level | None = None
    global_admin: bool = False


class ManagePrincipals:
    """One method for each act on principals.

    The routes let tenant admins in. What concerns a global admin (to make one, to change or delete
    one, to give or take its keys) needs a global admin besides, which is checked here, where it is
    known whom the act is about. ``changed`` is told of every principal that changed, so that this
    process at least forgets it at once.
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

    def create(self, caller: Principal, tenant: TenantId, draft: PrincipalDraft) -> StoredPrincipal:
        """Raises Rejected, and Forbidden when only a global admin may."""
        _check(draft)
        if draft.global_admin:
            self._authorize(caller, tenant, Action.MANAGE_GLOBAL_ADMINS)
        now = self._now()
        stored = StoredPrincipal(
            tenant=tenant,
            principal=Principal(
                id=PrincipalId(new_id("prn", now, self._randomness(_ULID_BYTES))),
                tenant=tenant,
                name=draft.name,
                level=draft.level,
                default_webhook_level=draft.default_webhook_level,
                global_admin=draft.global_admin,
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
        edit: Callable[[PrincipalDraft], PrincipalDraft],
    ) -> StoredPrincipal:
        """``edit`` gets what it is and gives what it shall be.

        Raises NotFound, Rejected, Conflict when it is changed elsewhere at the same time, and
        Forbidden when it is, or would become, a global admin and the caller is none.
        """
        before = self.managed(caller, tenant, principal_id)
        principal = before.principal
        draft = edit(
            PrincipalDraft(
                name=principal.name,
                level=principal.level,
                default_webhook_level=principal.default_webhook_level,
                global_admin=principal.global_admin,
            )
        )
        _check(draft)
        if draft.global_admin:
            self._authorize(caller, tenant, Action.MANAGE_GLOBAL_ADMINS)
        edited = replace(
            principal,
            name=draft.name,
            level=draft.level,
            default_webhook_level=draft.default_webhook_level,
            global_admin=draft.global_admin,
        )
        return self.save(before, replace(before, principal=edited))

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
        """Writes the next version. Raises Conflict when ``before`` is no longer what stands."""
        after = replace(after, version=before.version + 1, updated_at=self._now())
        if not self._principals.replace(before, after, new_key=new_key, gone_keys=gone):
            raise _changed_meanwhile()
        self._changed(before.principal.id)
        return after

    def _now(self) -> datetime:
        return floor_to_millis(self._clock())


def _changed_meanwhile() -> Conflict:
    return Conflict("The principal was changed at the same time: read it again.")


def _check(draft: PrincipalDraft) -> None:
    if not 1 <= len(draft.name) <= MAX_NAME:
        raise Rejected([FieldError("name", f"must have 1 to {MAX_NAME} characters")])
