"""Changes of the inbound configuration: providers, their sequence, and functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import conditional
from hookline.adapters.dynamo.inbound.configurations import function_to_item, provider_to_item
from hookline.adapters.dynamo.table import keys, reading, transactions
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.domain.ids import ProviderId, TenantId
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.provider import MAX_PROVIDERS, Provider

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 3
"""A provider leaves the sequence as it stands; somebody may be reordering it at the same time."""


class DynamoProviderChanges:
    """The port `ProviderChanges`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, provider: Provider) -> bool:
        """One transaction: the provider, and its id at the sequence's end."""
        append = {
            "Update": {
                "TableName": self._table,
                "Key": to_wire(keys.provider_sequence(provider.tenant)),
                "UpdateExpression": (
                    "SET providers = list_append(if_not_exists(providers, :none), :this)"
                ),
                "ConditionExpression": "attribute_not_exists(providers) OR size(providers) < :most",
                "ExpressionAttributeValues": to_wire(
                    {":none": [], ":this": [provider.id], ":most": MAX_PROVIDERS}
                ),
            }
        }
        new = transactions.put(self._table, provider_to_item(provider), {"item": None})
        # Refused by this very provider: the reply to an earlier write got lost.
        return transactions.written(self._client, [new, append]) or (
            provider.id in self._stored(provider.tenant)
        )

    def replace(self, before: Provider, after: Provider) -> bool:
        """One put, fenced by the version."""
        return _replace(self._client, self._table, before, provider_to_item(after))

    def remove(self, provider: Provider) -> bool:
        """One transaction: the provider, and its id in the sequence."""
        key = keys.provider(provider.tenant, provider.id)
        for _ in range(_TRIES):
            before = self._stored(provider.tenant)
            if provider.id not in before:
                return True  # the reply to an earlier write got lost
            after = [each for each in before if each != provider.id]
            acts = [
                transactions.delete(self._table, key, {"version": provider.version}),
                self._sequence(provider.tenant, before, after),
            ]
            if transactions.written(self._client, acts):
                return True
        return False

    def reorder(
        self, tenant: TenantId, before: Sequence[ProviderId], after: Sequence[ProviderId]
    ) -> bool:
        """One write of the one item."""
        act = self._sequence(tenant, before, after)
        return transactions.written(self._client, [act]) or self._stored(tenant) == list(after)

    def _sequence(
        self, tenant: TenantId, before: Sequence[str], after: Sequence[str]
    ) -> transactions.Act:
        item = {**keys.provider_sequence(tenant), "providers": list(after)}
        return transactions.put(self._table, item, {"providers": list(before)})

    def _stored(self, tenant: TenantId) -> list[str]:
        item = reading.get(self._client, self._table, keys.provider_sequence(tenant))
        return [] if item is None else list(item["providers"])


class DynamoFunctionChanges:
    """The port `FunctionChanges`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, function: Function) -> bool:
        """One transaction, on condition that the provider is there."""
        there = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": to_wire(keys.provider(function.tenant, function.provider_id)),
                "ConditionExpression": "attribute_exists(tenant)",
            }
        }
        new = transactions.put(self._table, function_to_item(function))
        return transactions.written(self._client, [there, new])

    def replace(self, before: Function, after: Function) -> bool:
        """One put, fenced by the version."""
        return _replace(self._client, self._table, before, function_to_item(after))

    def remove(self, function: Function) -> bool:
        """One delete, fenced by the version; gone already is as good."""
        with conditional() as write:
            self._client.delete_item(
                TableName=self._table,
                Key=to_wire(keys.inbound_function(function.tenant, function.id)),
                ConditionExpression="attribute_not_exists(version) OR version = :version",
                ExpressionAttributeValues=to_wire({":version": function.version}),
            )
        return write.held


def _replace(client: DynamoDBClient, table: str, before: Provider | Function, after: Item) -> bool:
    with conditional() as write:
        client.put_item(
            TableName=table,
            Item=to_wire(after),
            # Or it is this very write already: the reply to an earlier one got lost.
            ConditionExpression=(
                "version = :before OR (version = :version AND updated_at = :updated_at)"
            ),
            ExpressionAttributeValues=to_wire(
                {
                    ":before": before.version,
                    ":version": after["version"],
                    ":updated_at": after["updated_at"],
                }
            ),
        )
    return write.held
