"""Every key of the ``principals`` table. Tenant ids hold neither ``#`` nor ``_``.

| owner | item | what |
|---|---|---|
| ``#tenants`` | ``<created at>#<tenant>`` | a copy of each tenant, by age |
| ``<tenant>`` | ``tenant`` | the tenant |
| ``<tenant>`` | ``prn_…`` | a principal |
| ``<tenant>`` | ``right#<principal>#<webhook>`` | its level on one webhook |
| ``key_…`` | ``key`` | an API key |
"""

from __future__ import annotations

from datetime import datetime

from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.times import iso

TENANTS = "#tenants"
TENANT_ITEM = "tenant"
PRINCIPAL_PREFIX = "prn_"
KEY_ITEM = "key"


def listed(created_at: datetime, tenant: TenantId) -> str:
    """Where a tenant stands in the list of all."""
    return f"{iso(created_at)}#{tenant}"


def rights_of(principal_id: PrincipalId) -> str:
    """What the items of a principal's levels on webhooks begin with."""
    return f"right#{principal_id}#"


def right(principal_id: PrincipalId, webhook_id: WebhookId) -> str:
    """A principal's level on one webhook."""
    return rights_of(principal_id) + webhook_id


def webhook_of(right_item: str) -> WebhookId:
    """The webhook that a right is about."""
    return WebhookId(right_item.rpartition("#")[2])
