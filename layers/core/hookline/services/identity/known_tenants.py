"""Whether a tenant exists: asked on every request, read once a minute."""

from __future__ import annotations

from datetime import timedelta

from hookline.bounded_cache import BoundedCache
from hookline.domain.identity.identity import TenantState
from hookline.domain.ids import TenantId, is_tenant_id
from hookline.ports import Clock
from hookline.ports.identity import Tenants

_LIFETIME = timedelta(seconds=60)
_SIZE = 10_000


class KnownTenants:
    """Whether a tenant is active: a yes comes from memory for up to 60 seconds.

    A no costs one read each time, so that a new tenant can be used at once. An impossible id costs
    none.
    """

    def __init__(self, tenants: Tenants, clock: Clock) -> None:
        self._tenants = tenants
        self._known = BoundedCache[TenantId, bool](size=_SIZE, lifetime=_LIFETIME, clock=clock)

    def __call__(self, tenant: TenantId) -> bool:
        """Whether the tenant is there and neither closing nor closed."""
        if not is_tenant_id(tenant):
            return False
        if self._known.get(tenant):
            return True
        found = self._tenants.get(tenant)
        active = found is not None and found.state is TenantState.ACTIVE
        if active:
            self._known.put(tenant, True)
        return active

    def forget(self, tenant: TenantId) -> None:
        """Forgets a tenant that this process has just created or closed."""
        self._known.discard(tenant)
