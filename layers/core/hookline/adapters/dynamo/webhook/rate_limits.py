"""Slots of rate limits in DynamoDB, handed out by one counter for each webhook."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.times import iso
from hookline.errors import Unavailable
from hookline.ports.sending import Slots

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 20
_KEPT = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_IDLE = (
    "SET next_slot_us = :after, booked_at = :at, #ttl = :ttl",
    "attribute_not_exists(next_slot_us) OR next_slot_us <= :now",
)
_BUSY = (
    "SET booked_at = :at, #ttl = :ttl ADD next_slot_us :taken",
    "next_slot_us > :now AND next_slot_us <= :latest",
)


@dataclass(frozen=True, slots=True)
class _Written:
    """Whether a write was done, and the next free slot after it: microseconds since 1970."""

    done: bool
    next_slot: int


class DynamoRateLimits:
    """The port `RateLimits`.

    An idle limit starts at now; a busy one is added to, so that senders side by side do not get
    into each other's way: one write for each booking, two while slots are taken.
    """

    def __init__(self, client: DynamoDBClient, webhook_health_table: str) -> None:
        self._client = client
        self._table = webhook_health_table

    def book(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        *,
        wanted: int,
        per_second: float,
        now: datetime,
        horizon: timedelta,
    ) -> Slots:
        """Slots last whole microseconds, rounded up: the limit is never exceeded by rounding."""
        key = keys.slots(tenant, webhook_id)
        interval = math.ceil(1_000_000 / per_second)
        begin, end = _micros(now), _micros(now + horizon)
        always = {":at": iso(now), ":ttl": int((now + horizon + _KEPT).timestamp())}
        for _ in range(_TRIES):
            count = min(wanted, _fitting(begin, end, interval))
            after = begin + count * interval
            idle = self._write(key, _IDLE, always | {":now": begin, ":after": after})
            if idle.done:
                return Slots(now, count)
            count = min(wanted, _fitting(idle.next_slot, end, interval))
            if count == 0:
                return Slots(_instant(idle.next_slot), 0)
            taken = count * interval
            # The latest first slot with which the last one still begins before the end.
            latest = end - 1 - (count - 1) * interval
            values = {":now": begin, ":latest": latest, ":taken": taken}
            busy = self._write(key, _BUSY, always | values)
            if busy.done:
                return Slots(_instant(busy.next_slot - taken), count)
        raise Unavailable(f"the slots of {webhook_id} moved {_TRIES} times while booking")

    def _write(self, key: keys.Key, way: tuple[str, str], values: Item) -> _Written:
        update, condition = way
        with translated():
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(key),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=to_wire(values),
                    ReturnValues="UPDATED_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                standing = reading.standing(error) or {}
                return _Written(done=False, next_slot=standing.get("next_slot_us", 0))
        return _Written(done=True, next_slot=int(answer["Attributes"]["next_slot_us"]["N"]))


def _fitting(first: int, end: int, interval: int) -> int:
    """How many slots from ``first`` on begin before ``end``."""
    return max(0, math.ceil((end - first) / interval))


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
