"""Creating deliveries in DynamoDB, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from hookline.adapters.dynamo import keys, reading
from hookline.adapters.dynamo.batches import Batches
from hookline.adapters.dynamo.items import delivery as codec
from hookline.domain.delivery import Delivery, DeliveryKey
from hookline.ports import Clock


class DynamoNewDeliveries:
    """The port `NewDeliveries`; ``retention`` is how long the log keeps them."""

    def __init__(self, table: str, batches: Batches, retention: timedelta, clock: Clock) -> None:
        self._table = table
        self._batches = batches
        self._retention = retention
        self._clock = clock

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """25 to a call; one of them costs one write of 1 KB as long as its activation is small."""
        self._batches.put(
            self._table, (codec.to_item(delivery, self._retention) for delivery in deliveries)
        )

    def get_many(self, keys_wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """100 to a call."""
        now = self._clock()
        found = self._batches.get((self._table, keys.delivery(key)) for key in keys_wanted)
        live = (item for item in found.get(self._table, ()) if reading.live(item, now))
        deliveries = reading.readable(self._table, live, codec.from_item)
        return {delivery.key: delivery for delivery in deliveries}
