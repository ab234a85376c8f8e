"""Webhooks in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook import webhook_item as codec
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import Webhook

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoWebhooks:
    """The port `Webhooks`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook | None:
        """The configuration as it stands."""
        item = reading.get(self._client, self._table, keys.webhook(tenant, webhook_id))
        # A caller may ask for anything by id, a name's guard too.
        return codec.from_item(item) if item and "version" in item else None

    def page(
        self, tenant: TenantId, limit: int, before: WebhookId | None
    ) -> tuple[Sequence[Webhook], WebhookId | None]:
        """One query: DynamoDB itself ends a page at 1 MB."""
        reads = reading.pages(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit + (2 if before else 1),
            KeyConditionExpression="tenant = :tenant AND #item BETWEEN :low AND :high",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=to_wire(
                {":tenant": tenant, ":low": "wh_", ":high": before or "wh_~"}
            ),
        )
        items, start = next(reads)
        # BETWEEN holds both of its ends, and `before` was on the page before.
        found = [codec.from_item(item) for item in items if item["item"] != before]
        if len(found) > limit or start is not None:
            return found[:limit], found[:limit][-1].id
        return found, None
