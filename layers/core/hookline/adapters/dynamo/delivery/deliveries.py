"""Reading deliveries out of DynamoDB, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.delivery import delivery_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Progress, Standing
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = ("log", "id")


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

    def standing(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Standing]:
        """Billed as `progress` is."""
        items = self._live(wanted, codec.OF_STANDING)
        return {codec.key_of(item): codec.standing_from_item(item) for item in items}

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

    def __init__(
        self, client: DynamoDBClient, table: str, batches: Batches, retention: timedelta
    ) -> None:
        self._client = client
        self._table = table
        self._batches = batches
        self._retention = retention

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """25 to a call; one of them costs one write of 1 KB as long as its activation is small."""
        self._batches.create(
            self._table,
            (codec.to_item(delivery, self._retention) for delivery in deliveries),
            key=_KEY,
        )

    def create_some(self, deliveries: Sequence[Delivery]) -> Collection[DeliveryKey]:
        """As many calls, with two tries each for what is throttled."""
        left: list[Item] = []
        items = (codec.to_item(delivery, self._retention) for delivery in deliveries)
        self._batches.create(self._table, items, key=_KEY, throttled=left)
        return {codec.key_of(item) for item in left}

    def create_one(self, delivery: Delivery) -> bool:
        """One conditional put. After a lost reply False: the sweep finds what has no message."""
        item = to_wire(codec.to_item(delivery, self._retention))
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(id)",
                )
            except ClientError as error:
                reading.standing(error)
                return False
        return True
