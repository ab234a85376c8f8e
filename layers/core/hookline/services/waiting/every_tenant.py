"""A walk over all tenants."""

from __future__ import annotations

from collections.abc import Iterator

from hookline.domain.ids import TenantId
from hookline.ports.identity import Tenants

_PAGE = 100


def every_tenant(tenants: Tenants) -> Iterator[TenantId]:
    """All that are not closed, newest first, a page being asked for once it is needed.

    Raises Unavailable.
    """
    before: str | None = None
    while True:
        page, before = tenants.page(_PAGE, before)
        yield from (tenant.id for tenant in page)
        if before is None:
            return
