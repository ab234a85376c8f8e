"""A tenant's inbound configuration, read as one.

By the plain client: the functions that read it for each message start without PynamoDB's imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.adapters.dynamo.inbound.configuration_item import (
    function_from_item,
    provider_from_item,
)
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.ids import TenantId
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.provider import Provider

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoInboundConfigurations:
    """The port `InboundConfigurations`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, tenant: TenantId) -> Configuration:
        """One query over the tenant's partition."""
        providers: dict[str, Provider] = {}
        functions: list[Function] = []
        sequence: list[str] = []
        for item in reading.query(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="tenant = :tenant",
            ExpressionAttributeValues=to_wire({":tenant": tenant}),
        ):
            name = item["item"]
            if name == keys.SEQUENCE_ITEM:
                sequence = item["providers"]
            elif name.startswith(keys.PROVIDER_PREFIX):
                providers[name] = provider_from_item(item)
            elif name.startswith(keys.FUNCTION_PREFIX):
                functions.append(function_from_item(item))
        return Configuration(
            providers=tuple(providers[name] for name in sequence if name in providers),
            functions=tuple(functions),
        )
