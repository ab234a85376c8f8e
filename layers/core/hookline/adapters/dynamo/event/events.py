"""The accepted events in DynamoDB."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.event import event_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId
from hookline.ports import Clock, Randomness

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoEvents:
    """The port `Events`; ``retention`` is how long an event is kept and its id is taken."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        retention: timedelta,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._client = client
        self._table = table
        self._retention = retention
        self._clock = clock
        self._randomness = randomness

    def accept(self, event: Event) -> bool:
        """Puts the event on condition that its id is free: this is the moment of acceptance.

        The client repeats a put whose reply got lost. ``acceptance`` names this very call, so that
        the repeat does not take the event it wrote itself for a duplicate.
        """
        acceptance = self._randomness(9).hex()
        item = {**codec.to_item(event, self._retention), "acceptance": acceptance}
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_wire(item),
                    ConditionExpression=(
                        "attribute_not_exists(#event) OR #ttl <= :now OR acceptance = :acceptance"
                    ),
                    ExpressionAttributeNames={"#event": "event", "#ttl": "ttl"},
                    ExpressionAttributeValues=to_wire(
                        {":now": int(self._clock().timestamp()), ":acceptance": acceptance}
                    ),
                )
            except ClientError as error:
                reading.standing(error)
                return False
        return True

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None:
        """The event, unless it is unknown or has expired."""
        item = reading.get(self._client, self._table, keys.event(tenant, event_id))
        return codec.from_item(item) if item and reading.live(item, self._clock()) else None
