"""Webhooks in DynamoDB, and who subscribes to what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook import subscription_item, webhook_item
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import Subscription, SubscriptionPage, Webhook

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

    def count(self, tenant: TenantId) -> int:
        """Of the guards of their names, which are small: a call for some ten thousand."""
        return reading.count(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="tenant = :tenant AND begins_with(#item, :prefix)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=to_wire({":tenant": tenant, ":prefix": keys.NAME_PREFIX}),
        )


class DynamoSubscriptions:
    """The port `Subscriptions`: one query for each pattern, whatever else the tenant owns."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._batches = Batches(client)

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        """Ordered by pattern as asked, then by webhook."""
        return [found for pattern in patterns for found in self._under(tenant, pattern)]

    def page(
        self, tenant: TenantId, pattern: str, limit: int, after: WebhookId | None
    ) -> SubscriptionPage:
        """One query."""
        start = to_wire(keys.subscription(tenant, pattern, after)) if after else None
        more: Any = {} if start is None else {"ExclusiveStartKey": start}
        items, place = next(
            reading.pages(self._client, **self._of(tenant, pattern), Limit=limit, **more)
        )
        found = list(reading.readable(self._table, items, subscription_item.from_item))
        reached = WebhookId(place["webhook_id"]["S"]) if place else None
        return SubscriptionPage(found, reached, len(items) - len(found))

    def versions(self, tenants: Collection[TenantId]) -> Mapping[TenantId, str | None]:
        """One call for a hundred."""
        left: list[Item] = []
        wanted = ((self._table, keys.subscriptions_version(tenant)) for tenant in tenants)
        found = self._batches.get(wanted, throttled=left).get(self._table, ())
        known = {item["pattern"]: str(item.get("version", "")) for item in found}
        throttled = {item["pattern"] for item in left}
        return {tenant: known.get(tenant) for tenant in tenants if tenant not in throttled}

    def _under(self, tenant: TenantId, pattern: str) -> Iterator[Subscription]:
        items = reading.query(self._client, **self._of(tenant, pattern))
        return reading.readable(self._table, items, subscription_item.from_item)

    def _of(self, tenant: TenantId, pattern: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#pattern = :pattern",
            "ExpressionAttributeNames": {"#pattern": "pattern"},
            "ExpressionAttributeValues": to_wire({":pattern": keys.subscriptions(tenant, pattern)}),
        }
