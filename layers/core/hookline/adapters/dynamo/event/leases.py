"""Leases of the scheduler's pieces in DynamoDB."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import conditional
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.times import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=1)


class DynamoLeases:
    """The port `Leases`, in the table ``schedule``."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """One conditional write; a repeat by its holder holds it anew."""
        return self._written(
            name,
            "attribute_not_exists(held_until) OR held_until <= :now OR holder = :holder",
            {":holder": holder, ":until": iso(until), ":now": iso(now), ":ttl": _ttl(until)},
        )

    def give_back(self, name: str, holder: str, now: datetime) -> None:
        """One conditional write."""
        values = {":holder": holder, ":until": iso(now), ":ttl": _ttl(now)}
        self._written(name, "holder = :holder", values)

    def _written(self, name: str, condition: str, values: dict[str, object]) -> bool:
        with conditional() as write:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.lease(name)),
                UpdateExpression="SET holder = :holder, held_until = :until, #ttl = :ttl",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_wire(values),
            )
        return write.held


def _ttl(until: datetime) -> int:
    return int((until + _KEPT).timestamp())
