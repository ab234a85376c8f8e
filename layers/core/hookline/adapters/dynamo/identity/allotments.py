"""Counters of quotas, in the ``schedule`` table: short-lived, and nothing that grants a right."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import conditional
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoAllotments:
    """`hookline.ports.requests.Allotments`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def draw(self, counter: str, amount: int, limit: int, expires_at: datetime) -> bool:
        """One conditional update."""
        if amount > limit:
            return False
        with conditional() as write:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.allotment(counter)),
                UpdateExpression="ADD drawn :amount SET #ttl = :ttl",
                ConditionExpression="attribute_not_exists(drawn) OR drawn <= :most",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_wire(
                    {
                        ":amount": amount,
                        ":most": limit - amount,
                        ":ttl": int(expires_at.timestamp()),
                    }
                ),
            )
        return write.held
