"""What waits, as the sparse index ``due`` in DynamoDB lists it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.delivery.delivery_item import key_of
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import TenantId, WebhookId, instant_of
from hookline.domain.times import iso
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEX = "due"


class DynamoDue:
    """The port `Due`; ``retention`` tells which entries have expired, as no ttl is projected."""

    def __init__(
        self, client: DynamoDBClient, deliveries_table: str, retention: timedelta, clock: Clock
    ) -> None:
        self._client = client
        self._table = deliveries_table
        self._retention = retention
        self._clock = clock

    def on_the_clock(self, now: datetime, limit: int) -> Sequence[DeliveryKey]:
        """Merges the shards, each of which answers in order."""
        shards = [
            self._entries(keys.waiting_on_clock(shard), limit, until=now)
            for shard in range(keys.CLOCK_SHARDS)
        ]
        return self._keys(merge(*shards, key=lambda entry: str(entry["due_at"])), limit)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int
    ) -> Sequence[DeliveryKey]:
        """Longest due first, those due in the future last."""
        return self._keys(self._entries(keys.waiting_on_webhook(tenant, webhook_id), limit), limit)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        limit: int,
        *,
        thorough: bool = True,
    ) -> Sequence[DeliveryKey]:
        """Of the index's first MiB, some 4,000 entries, or of all: ages do not follow due times."""
        values = {":partition": keys.waiting_on_webhook(tenant, webhook_id), ":expired": iso(now)}
        pages = reading.pages(
            self._client,
            **self._of_index("waiting_for = :partition", values),
            FilterExpression="expires_at <= :expired",
        )
        entries = (entry for items, _ in islice(pages, None if thorough else 1) for entry in items)
        return self._keys(entries, limit)

    def _entries(
        self, partition: str, limit: int, *, until: datetime | None = None
    ) -> Iterator[Item]:
        values = {":partition": partition}
        condition = "waiting_for = :partition"
        if until is not None:
            condition += " AND due_at <= :until"
            values[":until"] = iso(until)
        return reading.query(self._client, **self._of_index(condition, values), Limit=limit)

    def _of_index(self, condition: str, values: Mapping[str, str]) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_wire(values),
        }

    def _keys(self, entries: Iterator[Item], limit: int) -> Sequence[DeliveryKey]:
        oldest = self._clock() - self._retention
        ages = reading.readable(
            self._table, entries, lambda entry: (key_of(entry), instant_of(entry["id"]))
        )
        live = (key for key, created_at in ages if created_at > oldest)
        return list(islice(live, limit))
