"""The one way a delivery changes in DynamoDB: compare and set."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.delivery import attempt_item as attempt
from hookline.adapters.dynamo.delivery import deliveries as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Update, to_wire
from hookline.adapters.dynamo.table.packing import packed
from hookline.domain.delivery.delivery import Delivery, DeliveryKey
from hookline.ports import Clock
from hookline.ports.deliveries import Outrun, Replaced

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_FENCE = ("status", "generation", "sequence", "ticket", "attempt_count", "due_at")


class DynamoDeliveryChanges:
    """The port `DeliveryChanges`: one write for a first attempt, two for each further one."""

    def __init__(
        self,
        client: DynamoDBClient,
        deliveries_table: str,
        attempts_table: str,
        retention: timedelta,
        clock: Clock,
        shards: Shards,
    ) -> None:
        self._client = client
        self._deliveries_table = deliveries_table
        self._attempts_table = attempts_table
        self._retention = retention
        self._clock = clock
        self._shards = shards

    def get(self, key: DeliveryKey) -> Delivery | None:
        """The delivery as it stands, unless there is none or it has expired."""
        place = keys.delivery(key, self._shards)
        item = reading.get(self._client, self._deliveries_table, place)
        return codec.from_item(item) if item and reading.live(item, self._clock()) else None

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        """Writes only what differs, so that a body that stays is neither sent nor overwritten."""
        self._keep_last_attempt(before, after)
        old = codec.to_item(before, self._retention, self._shards)
        new = codec.to_item(after, self._retention, self._shards)
        update = Update.between(old, new).on_condition({name: old.get(name) for name in _FENCE})
        with translated():
            try:
                self._client.update_item(
                    TableName=self._deliveries_table,
                    Key=to_wire(keys.delivery(after.key, self._shards)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                return self._verdict(reading.standing(error), update, new)
        return Replaced()

    def _keep_last_attempt(self, before: Delivery, after: Delivery) -> None:
        # Unconditionally: an attempt of one number is the same whoever moves it, and however often.
        last = before.last_attempt
        if last is None or after.attempt_count <= before.attempt_count:
            return
        item = {
            "delivery": keys.attempts(before.key.tenant, before.key.id),
            **attempt.to_map(last, before),
            "ttl": codec.ttl(before, self._retention),
        }
        small = packed(item, *attempt.TEXTS)
        with translated():
            self._client.put_item(TableName=self._attempts_table, Item=to_wire(small))

    def _verdict(self, standing: Item | None, update: Update, new: Item) -> Replaced | Outrun:
        if standing is None or not reading.live(standing, self._clock()):
            return Outrun(None)
        # The client repeats an update whose reply got lost, and then meets what it wrote itself.
        fence_stands = all(standing.get(name) == new.get(name) for name in _FENCE)
        if fence_stands and update.stands_in(standing):
            return Replaced()
        return Outrun(codec.from_item(standing))
