"""What waits, as the sparse index ``due`` in DynamoDB lists it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.delivery.deliveries import key_of
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Wire, to_wire
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import TenantId, WebhookId, instant_of
from hookline.domain.times import iso
from hookline.ports import Clock
from hookline.ports.deliveries import DuePage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_INDEX = "due"


class DynamoDue:
    """The port `Due`; ``retention`` tells which entries have expired, as no ttl is projected."""

    def __init__(
        self,
        client: DynamoDBClient,
        deliveries_table: str,
        retention: timedelta,
        clock: Clock,
        shards: Shards,
    ) -> None:
        self._client = client
        self._table = deliveries_table
        self._retention = retention
        self._clock = clock
        self._shards = shards

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        """One query of one partition."""
        partitions, until = [keys.waiting_on_clock(shard)], {":until": iso(now)}
        return self._page(partitions, after, until, " AND due_at <= :until", limit)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        """Longest due first, those due in the future last."""
        partitions = keys.waiting_on_webhook(tenant, webhook_id, self._shards)
        return self._page(partitions, after, {}, "", limit)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        """One MiB of the index a shard, some 4,000 entries: ages do not follow due times."""
        partitions = keys.waiting_on_webhook(tenant, webhook_id, self._shards)
        expired = {"FilterExpression": "expires_at <= :expired"}
        return self._page(partitions, after, {":expired": iso(now)}, "", None, **expired)

    def _page(
        self,
        partitions: Sequence[str],
        after: Any,
        values: Mapping[str, str],
        condition: str,
        limit: int | None,
        **more: Any,
    ) -> DuePage:
        """Those due longest in all partitions together.

        ``after`` has the entry after which each goes on; not those that are at their end.
        """
        starts: Mapping[str, Wire | None] = after or dict.fromkeys(partitions)
        if limit is not None:
            more["Limit"] = limit
        read = {
            partition: self._read(partition, start, values, condition, more)
            for partition, start in starts.items()
        }
        entries = [items for items, _ in read.values()]
        taken = list(islice(heapq.merge(*entries, key=itemgetter("due_at")), limit))
        goes_on = dict[str, Wire | None]()
        for partition, (items, end) in read.items():
            mine = [entry for entry in taken if entry["waiting_for"] == partition]
            if len(mine) < len(items):
                goes_on[partition] = _key_of_entry(mine[-1]) if mine else starts[partition]
            elif end is not None:
                goes_on[partition] = end
        return DuePage(self._live(taken), goes_on or None)

    def _read(
        self,
        partition: str,
        start: Wire | None,
        values: Mapping[str, str],
        condition: str,
        more: Mapping[str, Any],
    ) -> tuple[list[Item], Wire | None]:
        after: Any = {} if start is None else {"ExclusiveStartKey": start}
        return next(
            reading.pages(
                self._client,
                TableName=self._table,
                IndexName=_INDEX,
                KeyConditionExpression=f"waiting_for = :partition{condition}",
                ExpressionAttributeValues=to_wire({":partition": partition, **values}),
                **after,
                **more,
            )
        )

    def _live(self, entries: Iterable[Item]) -> Sequence[DeliveryKey]:
        oldest = self._clock() - self._retention
        ages = reading.readable(
            self._table, entries, lambda entry: (key_of(entry), instant_of(entry["id"]))
        )
        return [key for key, created_at in ages if created_at > oldest]


def _key_of_entry(entry: Item) -> Wire:
    return to_wire({name: entry[name] for name in ("waiting_for", "due_at", "log", "id")})
