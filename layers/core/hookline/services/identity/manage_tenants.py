"""Creates, names and closes tenants: for global admins only (the routes check that)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from hookline.domain.documents.merge_patch import edited
from hookline.domain.identity.fields import TenantEditFields, TenantFields
from hookline.domain.identity.identity import Tenant, TenantState
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, is_tenant_id
from hookline.domain.times import floor_to_millis, iso
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock
from hookline.ports.identity import PrincipalChanges, Principals, TenantChanges, Tenants
from hookline.ports.webhooks import Webhooks

_PAGE = 100
_TRIES = 3
"""A change that another one overtook is applied again to what is stored then."""


class TenantStore(Tenants, TenantChanges, Protocol):
    """Reads and writes tenants."""


class PrincipalStore(Principals, PrincipalChanges, Protocol):
    """Reads and writes principals."""


class ManageTenants:
    """Creates, reads, changes and closes tenants."""

    def __init__(
        self,
        *,
        tenants: TenantStore,
        principals: PrincipalStore,
        webhooks: Webhooks,
        clock: Clock,
        changed: Callable[[TenantId], None] = lambda _: None,
    ) -> None:
        """``changed`` is called for tenants created and closed: this process knows at once."""
        self._tenants = tenants
        self._principals = principals
        self._webhooks = webhooks
        self._clock = clock
        self._changed = changed

    def create(self, caller: Principal, document: Mapping[str, object]) -> Tenant:
        """Raises Rejected, and Conflict for an id ever used."""
        given = TenantFields.of(document)
        now = floor_to_millis(self._clock())
        tenant = Tenant(
            id=TenantId(given.id),
            name=given.id if given.name is None else given.name,
            created_at=now,
            created_by=caller.id,
            updated_at=now,
        )
        if not self._tenants.create(tenant):
            raise Conflict(
                "There is or was a tenant with this id; an id is never used twice.",
                "tenant_id_taken",
            )
        self._changed(tenant.id)
        return tenant

    def get(self, tenant_id: TenantId) -> Tenant:
        """Raises NotFound if it never existed or is closed."""
        tenant = self._tenants.get(tenant_id) if is_tenant_id(tenant_id) else None
        if tenant is None or tenant.state is not TenantState.ACTIVE:
            raise NotFound
        return tenant

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        """Newest first; a page may be short while tenants are being closed."""
        tenants, further = self._tenants.page(limit, before)
        return [each for each in tenants if each.state is TenantState.ACTIVE], further

    def change(self, tenant_id: TenantId, patch: Mapping[str, object]) -> Tenant:
        """The tenant after the merge patch. Raises NotFound, Rejected, Conflict if overtaken."""
        for _ in range(_TRIES):
            standing = self.get(tenant_id)
            name = TenantEditFields.of(_patched(standing, patch)).name
            if name == standing.name:
                return standing
            renamed = replace(standing, name=name, updated_at=floor_to_millis(self._clock()))
            if self._tenants.replace(standing, renamed):
                return renamed
        raise _keeps_changing()

    def close(self, tenant_id: TenantId) -> None:
        """Ends a tenant for good: its principals and keys go, its id is never reused.

        Raises NotFound, and Conflict while it has webhooks: those end deliveries and must be
        deleted one by one, on purpose. After a crash it can be repeated until it succeeds.
        """
        closing = self._closing(tenant_id)
        # From here on the gate does not know it: nobody adds to what is being removed.
        self._changed(tenant_id)
        self._remove_principals(tenant_id)
        # A closing tenant only changes in this way: whoever overtook this closed it too.
        self._tenants.replace(closing, self._in(TenantState.CLOSED, closing))

    def _closing(self, tenant_id: TenantId) -> Tenant:
        for _ in range(_TRIES):
            standing = self._tenants.get(tenant_id) if is_tenant_id(tenant_id) else None
            if standing is None or standing.state is TenantState.CLOSED:
                raise NotFound
            webhooks, _ = self._webhooks.page(tenant_id, 1, None)
            if webhooks:
                raise Conflict("The tenant has webhooks: delete them first.", "tenant_has_webhooks")
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


def _patched(tenant: Tenant, patch: Mapping[str, object]) -> dict[str, object]:
    standing = {
        "id": tenant.id,
        "created_at": iso(tenant.created_at),
        "created_by": tenant.created_by,
        "updated_at": iso(tenant.updated_at),
    }
    return edited({"name": tenant.name}, patch, standing=standing, parts=frozenset())


def _keeps_changing() -> Conflict:
    return Conflict("The tenant is being changed by others too. Try again.", "edit_conflict")
