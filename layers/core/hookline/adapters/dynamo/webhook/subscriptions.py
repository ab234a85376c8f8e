"""Who subscribes to what, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook import subscription_item as codec
from hookline.domain.ids import TenantId
from hookline.domain.webhook.webhook import Subscription

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSubscriptions:
    """The port `Subscriptions`: one query for each pattern, whatever else the tenant owns."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        """Ordered by pattern as asked, then by webhook."""
        return [found for pattern in patterns for found in self._under(tenant, pattern)]

    def _under(self, tenant: TenantId, pattern: str) -> Sequence[Subscription]:
        items = reading.query(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="#pattern = :pattern",
            ExpressionAttributeNames={"#pattern": "pattern"},
            ExpressionAttributeValues=to_wire({":pattern": keys.subscriptions(tenant, pattern)}),
        )
        return [codec.from_item(item) for item in items]
