"""Webhooks in DynamoDB, and who subscribes to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook import subscription_item, webhook_item
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import Subscription, Webhook

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
        return webhook_item.from_item(item) if item and "version" in item else None

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
        found = [webhook_item.from_item(item) for item in items if item["item"] != before]
        if len(found) > limit or start is not None:
            return found[:limit], found[:limit][-1].id
        return found, None


class DynamoSubscriptions:
    """The port `Subscriptions`: one query for each pattern, whatever else the tenant owns."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        """Ordered by pattern as asked, then by webhook."""
        return [found for pattern in patterns for found in self._under(tenant, pattern)]

    def _under(self, tenant: TenantId, pattern: str) -> Sequence[Subscription]:
        items = reading.query(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="#pattern = :pattern",
            ExpressionAttributeNames={"#pattern": "pattern"},
            ExpressionAttributeValues=to_wire({":pattern": keys.subscriptions(tenant, pattern)}),
        )
        return [subscription_item.from_item(item) for item in items]
