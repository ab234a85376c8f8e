"""Reading deliveries out of DynamoDB, many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from hookline.adapters.dynamo.delivery import delivery_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Progress
from hookline.ports import Clock


class DynamoDeliveries:
    """The port `Deliveries`: 100 to a call."""

    def __init__(self, table: str, batches: Batches, clock: Clock) -> None:
        self._table = table
        self._batches = batches
        self._clock = clock

    def get_many(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Whole items."""
        return self._readable(self._live(wanted))

    def get_some(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Whole items, two tries for each call."""
        return self._readable(self._live(wanted, throttled=[]))

    def _readable(self, items: Iterator[Item]) -> Mapping[DeliveryKey, Delivery]:
        deliveries = reading.readable(self._table, items, codec.from_item)
        return {delivery.key: delivery for delivery in deliveries}

    def progress(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        """DynamoDB reads, and bills, all of each item, and sends what is asked for."""
        items = self._live(wanted, codec.OF_PROGRESS)
        return {codec.key_of(item): codec.progress_from_item(item) for item in items}

    def _live(
        self,
        wanted: Sequence[DeliveryKey],
        attributes: Sequence[str] = (),
        throttled: list[Item] | None = None,
    ) -> Iterator[Item]:
        now = self._clock()
        found = self._batches.get(
            ((self._table, keys.delivery(key)) for key in wanted),
            {self._table: attributes} if attributes else None,
            throttled=throttled,
        )
        return (item for item in found.get(self._table, ()) if reading.live(item, now))


class DynamoNewDeliveries:
    """The port `NewDeliveries`; ``retention`` is how long the log keeps them."""

    def __init__(self, table: str, batches: Batches, retention: timedelta) -> None:
        self._table = table
        self._batches = batches
        self._retention = retention

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """25 to a call; one of them costs one write of 1 KB as long as its activation is small."""
        self._batches.create(
            self._table,
            (codec.to_item(delivery, self._retention) for delivery in deliveries),
            key=("log", "id"),
        )
