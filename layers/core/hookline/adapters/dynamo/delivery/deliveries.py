"""Deliveries in DynamoDB: reading and creating many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import conditional
from hookline.adapters.dynamo.delivery import attempt_item as attempt
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, json_of_text, text_of_json, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.table.packing import packed
from hookline.domain.delivery.delivery import (
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
    Progress,
    Standing,
    Status,
    Waiting,
    progress_of,
)
from hookline.domain.ids import EventId
from hookline.domain.times import from_iso, iso
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_KEY = ("log", "id")


class DynamoDeliveries:
    """The port `Deliveries`: 100 to a call."""

    def __init__(self, table: str, batches: Batches, clock: Clock, shards: Shards) -> None:
        self._table = table
        self._batches = batches
        self._clock = clock
        self._shards = shards

    def get_many(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Whole items."""
        return self._readable(self._live(wanted))

    def get_some(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Whole items, two tries for each call."""
        return self._readable(self._live(wanted, throttled=[]))

    def _readable(self, items: Iterator[Item]) -> Mapping[DeliveryKey, Delivery]:
        deliveries = reading.readable(self._table, items, from_item)
        return {delivery.key: delivery for delivery in deliveries}

    def standing(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Standing]:
        """Billed as `progress` is."""
        items = self._live(wanted, OF_STANDING)
        return {key_of(item): standing_from_item(item) for item in items}

    def progress(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        """DynamoDB reads, and bills, all of each item, and sends what is asked for."""
        items = self._live(wanted, OF_PROGRESS)
        return {key_of(item): progress_from_item(item) for item in items}

    def _live(
        self,
        wanted: Sequence[DeliveryKey],
        attributes: Sequence[str] = (),
        throttled: list[Item] | None = None,
    ) -> Iterator[Item]:
        now = self._clock()
        found = self._batches.get(
            ((self._table, keys.delivery(key, self._shards)) for key in wanted),
            {self._table: attributes} if attributes else None,
            throttled=throttled,
        )
        return (item for item in found.get(self._table, ()) if reading.live(item, now))


class DynamoNewDeliveries:
    """The port `NewDeliveries`; ``retention`` is how long the log keeps them."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        batches: Batches,
        retention: timedelta,
        shards: Shards,
    ) -> None:
        self._client = client
        self._table = table
        self._batches = batches
        self._retention = retention
        self._shards = shards

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """25 to a call; one of them costs one write of 1 KB as long as its activation is small."""
        self._batches.create(
            self._table,
            map(self._item, deliveries),
            key=_KEY,
        )

    def create_some(self, deliveries: Sequence[Delivery]) -> Collection[DeliveryKey]:
        """As many calls, with two tries each for what is throttled."""
        left: list[Item] = []
        items = map(self._item, deliveries)
        self._batches.create(self._table, items, key=_KEY, throttled=left)
        return {key_of(item) for item in left}

    def create_one(self, delivery: Delivery) -> bool:
        """One conditional put. After a lost reply False: the sweep finds what has no message."""
        item = to_wire(self._item(delivery))
        with conditional() as write:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(id)",
            )
        return write.held

    def _item(self, delivery: Delivery) -> Item:
        return to_item(delivery, self._retention, self._shards)


WITHOUT_BODIES = (
    *("log", "id", "event_id", "event_type", "status", "created_at", "expires_at"),
    *("generation", "sequence", "ticket", "attempt_count", "test", "trigger"),
    *("next_attempt_at", "ttl"),
    *("finished_at", "failure_reason", "waiting_for", "due_at", "last_shot", "timer"),
    "spaced_by",
    *(f"last_attempt.{name}" for name in ("number", "trigger", "started_at", "duration_ms")),
    *(f"last_attempt.{name}" for name in ("error", "address", "next_attempt_at")),
    "last_attempt.webhook_version",
    *(f"last_attempt.request.{name}" for name in ("method", "url", "body_truncated")),
    *(f"last_attempt.response.{name}" for name in ("status", "body_truncated")),
)
"""The paths that a page of the log reads: all but bodies, headers and activations, so that a
hundred deliveries fit into one page whatever was sent and answered."""

OF_PROGRESS = ("log", "id", "status", "attempt_count", "waiting_for", "ttl")
"""The attributes that `progress_from_item` reads."""

OF_STANDING = ("log", "id", "status", "attempt_count", "next_attempt_at", "failure_reason", "ttl")
"""The attributes that `standing_from_item` reads."""


def to_item(delivery: Delivery, retention: timedelta, shards: Shards) -> Item:
    """Absent where empty or zero: an item whose delivery does not wait is in no index."""
    item = {
        **keys.delivery(delivery.key, shards),
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "status": delivery.status.value,
        "created_at": iso(delivery.created_at),
        "expires_at": iso(delivery.expires_at),
        "generation": delivery.generation or None,
        "sequence": delivery.sequence or None,
        "ticket": delivery.ticket or None,
        "attempt_count": delivery.attempt_count or None,
        "test": delivery.test or None,
        "trigger": None if delivery.trigger == "schedule" else delivery.trigger,
        "activation": text_of_json(delivery.activation),
        "next_attempt_at": _iso(delivery.next_attempt_at),
        "finished_at": _iso(delivery.finished_at),
        "failure_reason": delivery.failure_reason,
        **_waiting_to_attributes(delivery, shards),
        "last_shot": delivery.last_shot or None,
        "timer": delivery.timer,
        "spaced_by": delivery.spaced_by,
        "last_attempt": attempt.to_map(delivery.last_attempt, delivery)
        if delivery.last_attempt
        else None,
        "ttl": ttl(delivery, retention),
    }
    return packed(item, "activation", *(f"last_attempt.{text}" for text in attempt.TEXTS))


def from_item(item: Item) -> Delivery:
    """The delivery that `to_item` made the item of."""
    last_attempt = item.get("last_attempt")
    delivery = Delivery(
        key=key_of(item),
        event_id=EventId(item["event_id"]),
        event_type=item["event_type"],
        status=Status(item["status"]),
        created_at=from_iso(item["created_at"]),
        expires_at=from_iso(item["expires_at"]),
        generation=item.get("generation", 0),
        sequence=item.get("sequence", 0),
        ticket=item.get("ticket", 0),
        attempt_count=item.get("attempt_count", 0),
        test=item.get("test", False),
        trigger=item.get("trigger", "schedule"),
        activation=json_of_text(item.get("activation")),
        next_attempt_at=_from_iso(item.get("next_attempt_at")),
        finished_at=_from_iso(item.get("finished_at")),
        failure_reason=item.get("failure_reason"),
        waiting=_waiting_from_attributes(item),
        last_shot=item.get("last_shot", False),
        timer=item.get("timer"),
        spaced_by=item.get("spaced_by"),
    )
    if not last_attempt:
        return delivery
    return replace(delivery, last_attempt=attempt.from_map(last_attempt, delivery))


def progress_from_item(item: Item) -> Progress:
    """What `Delivery.progress` says of the item's delivery, whatever else is in there."""
    return progress_of(
        item.get("status", ""), item.get("attempt_count", 0), waits="waiting_for" in item
    )


def key_of(item: Item) -> DeliveryKey:
    """What names the delivery, out of its item or its index entry."""
    return keys.delivery_key(item["log"], item["id"])


def ttl(delivery: Delivery, retention: timedelta) -> int:
    """When it, and each of its attempts, may go: epoch seconds."""
    return int((delivery.created_at + retention).timestamp())


def _waiting_to_attributes(delivery: Delivery, shards: Shards) -> dict[str, Any]:
    waits = delivery.waiting
    if waits is None:
        return {"waiting_for": None, "due_at": None}
    waiting_for = keys.waiting(delivery.key, waits, shards)
    return {"waiting_for": waiting_for, "due_at": iso(waits.due_at)}


def _waiting_from_attributes(item: Item) -> Waiting | None:
    waiting_for: str | None = item.get("waiting_for")
    if waiting_for is None:
        return None
    due_at = from_iso(item["due_at"])
    return OnTheClock(due_at) if waiting_for.startswith("clock#") else OnItsWebhook(due_at)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)


def _from_iso(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def standing_from_item(item: Item) -> Standing:
    """How the delivery stands."""
    next_attempt_at = item.get("next_attempt_at")
    return Standing(
        status=Status(item["status"]),
        attempt_count=item.get("attempt_count", 0),
        next_attempt_at=from_iso(next_attempt_at) if next_attempt_at else None,
        failure_reason=item.get("failure_reason"),
    )
