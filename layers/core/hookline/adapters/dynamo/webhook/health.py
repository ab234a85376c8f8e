"""The health of webhooks in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import from_wire, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.table.updates import Update
from hookline.adapters.dynamo.webhook import health_item as codec
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.times import iso
from hookline.domain.webhook.health import Health
from hookline.ports import Randomness

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEX = "paced"


class DynamoWebhookHealth:
    """The port `WebhookHealth`."""

    def __init__(
        self, client: DynamoDBClient, table: str, batches: Batches, randomness: Randomness
    ) -> None:
        self._client = client
        self._table = table
        self._batches = batches
        self._randomness = randomness

    def get_many(self, wanted: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """100 to a call."""
        found = self._batches.get((self._table, keys.health(*each)) for each in wanted)
        healths = {
            (health.tenant, health.webhook_id): health
            for health in map(codec.from_item, found.get(self._table, ()))
        }
        return [
            healths.get((tenant, webhook_id)) or Health(tenant=tenant, webhook_id=webhook_id)
            for tenant, webhook_id in wanted
        ]

    def troubled(self, tenant: TenantId) -> Sequence[Health]:
        """One query of 1 MB, which may be a second behind."""
        pages = reading.pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="tenant = :tenant",
            FilterExpression="attribute_exists(last_failure_at) OR attribute_exists(paced)",
            ExpressionAttributeValues=to_wire({":tenant": tenant}),
        )
        items, _ = next(pages)
        found = reading.readable(self._table, items, codec.from_item)
        return sorted(found, key=_failed_last, reverse=True)

    def add_failures(
        self, tenant: TenantId, webhook_id: WebhookId, failed: Sequence[DeliveryId], at: datetime
    ) -> Health:
        """Adds without reading first, so that senders side by side lose no count.

        A reply that gets lost may have the client count twice: the circuit then opens a little
        early, and its next probe sets that right.
        """
        with translated():
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.health(tenant, webhook_id)),
                UpdateExpression=(
                    "ADD consecutive_failures :count, failing_deliveries :failed"
                    " SET last_failure_at = :at"
                ),
                ExpressionAttributeValues=to_wire(
                    {":count": len(failed), ":failed": frozenset(failed), ":at": iso(at)}
                ),
                ReturnValues="ALL_NEW",
            )
        return codec.from_item(from_wire(answer["Attributes"]))

    def mark_slow(self, tenant: TenantId, webhook_id: WebhookId, at: datetime) -> None:
        """Unconditionally: whoever tells last is right."""
        with translated():
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.health(tenant, webhook_id)),
                UpdateExpression="SET slow_at = :at",
                ExpressionAttributeValues=to_wire({":at": iso(at)}),
            )

    def replace(self, before: Health, after: Health) -> bool:
        """Writes what differs, the set of failing deliveries always: adding let it grow.

        The client repeats an update whose reply got lost. ``change`` names this very call, so that
        the repeat does not take what it wrote itself for somebody else's.
        """
        change = self._randomness(9).hex()
        old = codec.to_item(before)
        new = codec.to_item(replace(after, version=before.version + 1))
        update = Update(
            {
                **Update.between(old, new).changes,
                "failing_deliveries": new["failing_deliveries"],
                "change": change,
            },
            conditions={"version": old["version"]},
        )
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(keys.health(after.tenant, after.webhook_id)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                return standing is not None and standing.get("change") == change
        return True

    def with_waiting(self) -> Iterable[Health]:
        """From the sparse index, which may lag a moment; those that can be read."""
        items = reading.query(
            self._client,
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="paced = :paced",
            ExpressionAttributeValues=to_wire({":paced": keys.HAS_WAITING}),
        )
        return reading.readable(self._table, items, codec.from_item)


def _failed_last(health: Health) -> str:
    return iso(health.last_failure_at) if health.last_failure_at else ""
