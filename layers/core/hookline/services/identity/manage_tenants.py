"""Tenants: made, named and closed, by global admins only (the routes see to that)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from hookline.domain.identity.identity import Tenant, TenantState, is_tenant_id
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock
from hookline.ports.identity import PrincipalChanges, Principals, TenantChanges, Tenants
from hookline.ports.webhooks import Webhooks

MAX_NAME = 200
_PAGE = 100
_TRIES = 3
"""A change that somebody else's outran is made again on what stands then."""


class TenantStore(Tenants, TenantChanges, Protocol):
    """Reads and writes tenants."""


class PrincipalStore(Principals, PrincipalChanges, Protocol):
    """Reads and writes principals."""


class ManageTenants:
    """One method for each act on tenants."""

    def __init__(
        self,
        *,
        tenants: TenantStore,
        principals: PrincipalStore,
        webhooks: Webhooks,
        clock: Clock,
        changed: Callable[[TenantId], None] = lambda _: None,
    ) -> None:
        """``changed`` hears of tenants made and closed: this process at least knows at once."""
        self._tenants = tenants
        self._principals = principals
        self._webhooks = webhooks
        self._clock = clock
        self._changed = changed

    def create(self, caller: Principal, tenant_id: str, name: str | None) -> Tenant:
        """Raises Rejected for an id or name against the rules, Conflict for an id ever used."""
        errors = [] if name is None else _name_errors(name)
        if not is_tenant_id(tenant_id):
            errors.append(
                FieldError("id", "must be 1 to 63 of a-z, 0-9 and -, beginning with no -")
            )
        if errors:
            raise Rejected(errors)
        now = floor_to_millis(self._clock())
        tenant = Tenant(
            id=TenantId(tenant_id),
            name=tenant_id if name is None else name,
            created_at=now,
            created_by=caller.id,
            updated_at=now,
        )
        if not self._tenants.create(tenant):
            raise Conflict("There is or was a tenant with this id; an id is never used twice.")
        self._changed(tenant.id)
        return tenant

    def get(self, tenant_id: TenantId) -> Tenant:
        """Raises NotFound for one that never was or is closed."""
        tenant = self._tenants.get(tenant_id) if is_tenant_id(tenant_id) else None
        if tenant is None or tenant.state is not TenantState.ACTIVE:
            raise NotFound
        return tenant

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        """Newest first; a page may hold fewer than ``limit`` while tenants are being closed."""
        tenants, further = self._tenants.page(limit, before)
        return [each for each in tenants if each.state is TenantState.ACTIVE], further

    def rename(self, tenant_id: TenantId, name: str) -> Tenant:
        """Raises NotFound, Rejected for a name against the rules, Conflict if outrun by others."""
        if errors := _name_errors(name):
            raise Rejected(errors)
        for _ in range(_TRIES):
            standing = self.get(tenant_id)
            renamed = replace(standing, name=name, updated_at=floor_to_millis(self._clock()))
            if self._tenants.replace(standing, renamed):
                return renamed
        raise _keeps_changing()

    def close(self, tenant_id: TenantId) -> None:
        """Ends a tenant for good: its principals and keys go, its id stays taken.

        Raises NotFound, and Conflict while it has webhooks: those end deliveries and are deleted
        one by one, on purpose. Crashed in between, it can be repeated until it is through.
        """
        closing = self._closing(tenant_id)
        # From here on the gate takes it for unknown: nobody adds to what is being removed.
        self._changed(tenant_id)
        self._remove_principals(tenant_id)
        # A closing tenant changes in this way only: whoever outran this closed it as well.
        self._tenants.replace(closing, self._in(TenantState.CLOSED, closing))

    def _closing(self, tenant_id: TenantId) -> Tenant:
        for _ in range(_TRIES):
            standing = self._tenants.get(tenant_id) if is_tenant_id(tenant_id) else None
            if standing is None or standing.state is TenantState.CLOSED:
                raise NotFound
            webhooks, _ = self._webhooks.page(tenant_id, 1, None)
            if webhooks:
                raise Conflict("The tenant has webhooks: delete them first.")
            if standing.state is TenantState.CLOSING:
                return standing
            closing = self._in(TenantState.CLOSING, standing)
            if self._tenants.replace(standing, closing):
                return closing
        raise _keeps_changing()

    def _in(self, state: TenantState, tenant: Tenant) -> Tenant:
        return replace(tenant, state=state, updated_at=floor_to_millis(self._clock()))

    def _remove_principals(self, tenant: TenantId) -> None:
        while True:
            principals, _ = self._principals.page(tenant, _PAGE, None)
            if not principals:
                return
            for principal in principals:
                self._principals.delete(principal)


def _keeps_changing() -> Conflict:
    return Conflict("The tenant is being changed by others too. Try again.")


def _name_errors(name: str) -> list[FieldError]:
    if 1 <= len(name) <= MAX_NAME:
        return []
    return [FieldError("name", f"must have 1 to {MAX_NAME} characters")]
