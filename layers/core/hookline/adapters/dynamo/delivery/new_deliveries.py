"""Creating deliveries in DynamoDB, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hookline.adapters.dynamo.delivery import delivery_item as codec
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.delivery.delivery import Delivery


class DynamoNewDeliveries:
    """The port `NewDeliveries`; ``retention`` is how long the log keeps them."""

    def __init__(self, table: str, batches: Batches, retention: timedelta) -> None:
        self._table = table
        self._batches = batches
        self._retention = retention

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """25 to a call; one of them costs one write of 1 KB as long as its activation is small."""
        self._batches.put(
            self._table, (codec.to_item(delivery, self._retention) for delivery in deliveries)
        )
