"""Tenants in the ``principals`` table.

By the plain client, not by PynamoDB as their principals: the scheduler walks the tenants and the
inbound function looks them up, and both are to start without PynamoDB's imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import code_of, translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Wire, from_wire, to_wire
from hookline.adapters.dynamo.table.updates import Update
from hookline.domain.identity.identity import Tenant, TenantState
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class DynamoTenants:
    """`hookline.ports.identity.Tenants` and `TenantChanges`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId) -> Tenant | None:
        """One consistent read."""
        with translated():
            reply = self._client.get_item(
                TableName=self._table, Key=_key(tenant), ConsistentRead=True
            )
        return _from_item(from_wire(reply["Item"])) if "Item" in reply else None

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        """One query: the list holds a copy of each tenant."""
        start: Wire = {}
        if before is not None:
            place = to_wire({"owner": keys.TENANTS, "item": before})
            start = {"ExclusiveStartKey": place}
        with translated():
            reply = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#owner = :tenants",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=to_wire({":tenants": keys.TENANTS}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit + 1,
                **start,
            )
        places = [str(from_wire(item)["item"]) for item in reply["Items"]]
        further = places[limit - 1] if len(places) > limit else None
        items = map(from_wire, reply["Items"][:limit])
        return list(reading.readable(self._table, items, _from_item)), further

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
        place = to_wire(
            {
                "owner": keys.TENANTS,
                "item": keys.listed(tenant.created_at, tenant.id),
            }
        )
        copy: TransactWriteItemTypeDef = (
            {"Delete": {"TableName": self._table, "Key": place}}
            if tenant.state is TenantState.CLOSED
            else {"Put": {"TableName": self._table, "Item": place | to_wire(_to_item(tenant))}}
        )
        put = {
            "TableName": self._table,
            "Item": _key(tenant.id) | to_wire(_to_item(tenant)),
            **Update({}, stands).parameters(),  # of an update without changes: its condition
        }
        own = cast("TransactWriteItemTypeDef", {"Put": put})
        with translated():
            try:
                self._client.transact_write_items(TransactItems=[own, copy])
            except ClientError as error:
                if not _condition_failed(error):
                    raise
                return False
        return True


def _key(tenant: TenantId) -> Wire:
    return to_wire({"owner": tenant, "item": keys.TENANT_ITEM})


def _condition_failed(error: ClientError) -> bool:
    reasons = error.response.get("CancellationReasons", ())
    return code_of(error) == "TransactionCanceledException" and any(
        reason.get("Code") == "ConditionalCheckFailed" for reason in reasons
    )


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
