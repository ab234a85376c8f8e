"""Whether a tenant exists, asked on every request and read once a minute."""

from __future__ import annotations

from datetime import timedelta

from hookline.bounded_cache import BoundedCache
from hookline.domain.identity.identity import TenantState, is_tenant_id
from hookline.domain.ids import TenantId
from hookline.ports import Clock
from hookline.ports.identity import Tenants

_LIFETIME = timedelta(seconds=60)
_SIZE = 10_000


class KnownTenants:
    """Answers whether a tenant is active, from memory for up to 60 seconds.

    ``unknown_lifetime`` is for how long an unknown one is taken for unknown without looking again:
    zero where callers are known (a tenant is usable the moment it is made), some seconds where
    anybody may call and an unknown tenant must not cost a read each time. An id no tenant could
    have costs none at all.
    """

    def __init__(
        self, tenants: Tenants, clock: Clock, *, unknown_lifetime: timedelta = timedelta(0)
    ) -> None:
        self._tenants = tenants
        self._known = BoundedCache[TenantId, bool](size=_SIZE, lifetime=_LIFETIME, clock=clock)
        self._unknown = BoundedCache[TenantId, bool](
            size=_SIZE, lifetime=unknown_lifetime, clock=clock
        )

    def __call__(self, tenant: TenantId) -> bool:
        """Whether the tenant is there and neither closing nor closed."""
        if not is_tenant_id(tenant):
            return False
        if self._known.get(tenant):
            return True
        if self._unknown.get(tenant):
            return False
        found = self._tenants.get(tenant)
        active = found is not None and found.state is TenantState.ACTIVE
        (self._known if active else self._unknown).put(tenant, True)
        return active

    def forget(self, tenant: TenantId) -> None:
        """Looks again next time: the tenant was just created or closed by this process."""
        self._known.discard(tenant)
        self._unknown.discard(tenant)
