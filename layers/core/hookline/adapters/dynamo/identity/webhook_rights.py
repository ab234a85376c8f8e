"""Levels on single webhooks in the ``principals`` table, an item each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.identity.acts import Level
from hookline.domain.ids import PrincipalId, TenantId, WebhookId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoWebhookRights:
    """`hookline.ports.identity.WebhookRights`."""

    def __init__(self, client: DynamoDBClient, table: str, batches: Batches) -> None:
        self._client = client
        self._table = table
        self._batches = batches

    def levels(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        """One consistent batch read."""
        found = self._read(keys.right(tenant, principal_id, each) for each in webhook_ids)
        return {keys.webhook_of(right["item"]): Level(right["level"]) for right in found}

    def page(
        self, tenant: TenantId, principal_id: PrincipalId, limit: int, before: WebhookId | None
    ) -> tuple[Mapping[WebhookId, Level], WebhookId | None]:
        """One query, backwards: webhook ids are in the order of time."""
        after = None if before is None else keys.right(tenant, principal_id, before)
        prefix = keys.rights_of(principal_id)
        found, further = reading.owned(self._client, self._table, tenant, prefix, limit, after)
        levels = {keys.webhook_of(right["item"]): Level(right["level"]) for right in found}
        return levels, None if further is None else keys.webhook_of(further)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, principal_ids: Sequence[PrincipalId]
    ) -> Mapping[PrincipalId, Level]:
        """One consistent batch read."""
        owners = {keys.right(tenant, each, webhook_id)["item"]: each for each in principal_ids}
        found = self._read(keys.right(tenant, each, webhook_id) for each in principal_ids)
        return {owners[right["item"]]: Level(right["level"]) for right in found}

    def put(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId, level: Level
    ) -> None:
        """One put."""
        item = {**keys.right(tenant, principal_id, webhook_id), "level": level.value}
        with translated():
            self._client.put_item(TableName=self._table, Item=to_wire(item))

    def remove(self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId) -> bool:
        """One delete."""
        with translated():
            answer = self._client.delete_item(
                TableName=self._table,
                Key=to_wire(keys.right(tenant, principal_id, webhook_id)),
                ReturnValues="ALL_OLD",
            )
        return bool(answer.get("Attributes"))

    def _read(self, wanted: Iterable[Item]) -> Sequence[Item]:
        found = self._batches.get((self._table, key) for key in wanted)
        return found.get(self._table, ())
