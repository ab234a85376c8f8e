"""What waits, as the sparse index ``due`` in DynamoDB lists it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.delivery.deliveries import key_of
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import TenantId, WebhookId, instant_of
from hookline.domain.times import iso
from hookline.ports import Clock
from hookline.ports.deliveries import DuePage

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

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        """One query of one partition."""
        return self._page(
            "waiting_for = :partition AND due_at <= :until",
            {":partition": keys.waiting_on_clock(shard), ":until": iso(now)},
            after,
            Limit=limit,
        )

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        """Longest due first, those due in the future last."""
        values = {":partition": keys.waiting_on_webhook(tenant, webhook_id)}
        return self._page("waiting_for = :partition", values, after, Limit=limit)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        """One MiB of the index, some 4,000 entries: ages do not follow due times."""
        values = {":partition": keys.waiting_on_webhook(tenant, webhook_id), ":expired": iso(now)}
        return self._page(
            "waiting_for = :partition", values, after, FilterExpression="expires_at <= :expired"
        )

    def _page(
        self, condition: str, values: Mapping[str, str], after: object | None, **more: Any
    ) -> DuePage:
        start: Any = {} if after is None else {"ExclusiveStartKey": after}
        items, next_start = next(
            reading.pages(
                self._client,
                TableName=self._table,
                IndexName=_INDEX,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=to_wire(values),
                **start,
                **more,
            )
        )
        return DuePage(self._live(items), next_start)

    def _live(self, entries: Iterable[Item]) -> Sequence[DeliveryKey]:
        oldest = self._clock() - self._retention
        ages = reading.readable(
            self._table, entries, lambda entry: (key_of(entry), instant_of(entry["id"]))
        )
        return [key for key, created_at in ages if created_at > oldest]
