"""The event-type catalogue in DynamoDB.

By the plain client: publishing reads it, and the inbound functions start without PynamoDB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import (
    Item,
    Update,
    json_of_text,
    text_of_json,
    to_wire,
)
from hookline.domain.event.catalogue import EventType
from hookline.domain.ids import TenantId
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoEventTypes:
    """The port `EventTypes`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId, event_type: str) -> EventType | None:
        """One read."""
        item = reading.get(self._client, self._table, keys.event_type(tenant, event_type))
        return None if item is None else _from_item(item)

    def page(
        self, tenant: TenantId, limit: int, after: str | None
    ) -> tuple[Sequence[EventType], str | None]:
        """One query: DynamoDB itself ends a page at 1 MB."""
        values: dict[str, object] = {":tenant": tenant}
        condition = "tenant = :tenant"
        if after is not None:
            condition += " AND #type > :after"
            values[":after"] = after
        reads = reading.pages(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            Limit=limit + 1,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_wire(values),
            **({"ExpressionAttributeNames": {"#type": "type"}} if after is not None else {}),
        )
        items, start = next(reads)
        found = [_from_item(item) for item in items]
        if len(found) > limit or start is not None:
            return found[:limit], found[:limit][-1].type
        return found, None

    def put(self, entry: EventType) -> None:
        """One write; the last one stands."""
        with translated():
            self._client.put_item(TableName=self._table, Item=to_wire(_to_item(entry)))

    def replace(self, before: EventType, after: EventType) -> bool:
        """One write, of an entry on condition of a whole one: what is stored has no version."""
        stands = Update({}, _to_item(before))  # of an update without changes: its condition
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_wire(_to_item(after)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **stands.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                return standing is not None and _from_item(standing) == after
        return True

    def delete(self, tenant: TenantId, event_type: str) -> bool:
        """One write."""
        with translated():
            answer = self._client.delete_item(
                TableName=self._table,
                Key=to_wire(keys.event_type(tenant, event_type)),
                ReturnValues="ALL_OLD",
            )
        return bool(answer.get("Attributes"))


def _to_item(entry: EventType) -> Item:
    return {
        **keys.event_type(entry.tenant, entry.type),
        "description": entry.description,
        "example": text_of_json(entry.example),
        "schema": text_of_json(entry.schema),
        "archived": entry.archived,
        "updated_at": iso(entry.updated_at),
    }


def _from_item(item: Item) -> EventType:
    return EventType(
        tenant=TenantId(item["tenant"]),
        type=item["type"],
        description=item["description"],
        example=json_of_text(item.get("example")),
        schema=cast("Mapping[str, object] | None", json_of_text(item.get("schema"))),
        archived=item["archived"],
        updated_at=from_iso(item["updated_at"]),
    )
