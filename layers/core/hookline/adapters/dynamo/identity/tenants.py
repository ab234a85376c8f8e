"""Tenants in the ``principals`` table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.adapters.dynamo.table import keys, reading, transactions
from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.identity.identity import Tenant, TenantState
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoTenants:
    """`hookline.ports.identity.Tenants` and `TenantChanges`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId) -> Tenant | None:
        """One consistent read."""
        item = reading.get(self._client, self._table, keys.tenant_record(tenant))
        return None if item is None else _from_item(item)

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        """One query: the list holds a copy of each tenant."""
        after = None if before is None else {"owner": keys.TENANTS, "item": before}
        found, further = reading.owned(self._client, self._table, keys.TENANTS, "", limit, after)
        return list(reading.readable(self._table, found, _from_item)), further

    def create(self, tenant: Tenant) -> bool:
        """One transaction: the tenant, unless its id is taken, and its copy in the list."""
        written = self._write(tenant, {"owner": None})
        # Refused by this very tenant: the reply to an earlier write got lost.
        return written or self.get(tenant.id) == tenant

    def replace(self, before: Tenant, after: Tenant) -> bool:
        """One transaction as well; a closed tenant leaves the list."""
        written = self._write(after, _to_item(before))
        return written or self.get(after.id) == after

    def _write(self, tenant: Tenant, stands: Item) -> bool:
        item, place = _to_item(tenant), keys.listed(tenant.created_at, tenant.id)
        own = transactions.put(self._table, {**keys.tenant_record(tenant.id), **item}, stands)
        copy = (
            transactions.delete(self._table, place)
            if tenant.state is TenantState.CLOSED
            else transactions.put(self._table, {**place, **item})
        )
        return transactions.written(self._client, [own, copy])


def _to_item(tenant: Tenant) -> Item:
    return {
        "tenant": tenant.id,
        "name": tenant.name,
        "state": tenant.state.value,
        "created_at": iso(tenant.created_at),
        "created_by": tenant.created_by,
        "updated_at": iso(tenant.updated_at),
    }


def _from_item(item: Item) -> Tenant:
    return Tenant(
        id=TenantId(str(item["tenant"])),
        name=str(item["name"]),
        state=TenantState(item["state"]),
        created_at=from_iso(str(item["created_at"])),
        created_by=PrincipalId(str(item["created_by"])),
        updated_at=from_iso(str(item["updated_at"])),
    )
