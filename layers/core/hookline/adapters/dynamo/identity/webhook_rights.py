"""Levels on single webhooks in the ``principals`` table, an item each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hookline.adapters.dynamo.identity.items import RightItem, place
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.pynamo import PynamoTable, translated
from hookline.domain.identity.rights import Level
from hookline.domain.ids import PrincipalId, TenantId, WebhookId


class DynamoWebhookRights:
    """`hookline.ports.identity.WebhookRights`."""

    def __init__(self, table: PynamoTable) -> None:
        self._items = table.bind(RightItem)

    def levels(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        """One consistent batch read."""
        wanted = {(tenant, keys.right(principal_id, each)) for each in webhook_ids}
        with translated():
            found = list(self._items.batch_get(list(wanted), consistent_read=True))
        return {keys.webhook_of(right.item): Level(right.level) for right in found}

    def page(
        self, tenant: TenantId, principal_id: PrincipalId, limit: int, before: WebhookId | None
    ) -> tuple[Mapping[WebhookId, Level], WebhookId | None]:
        """One query, backwards: webhook ids are in the order of time."""
        start = None if before is None else keys.right(principal_id, before)
        with translated():
            found = list(
                self._items.query(
                    tenant,
                    self._items.item.startswith(keys.rights_of(principal_id)),
                    consistent_read=True,
                    scan_index_forward=False,
                    limit=limit + 1,
                    last_evaluated_key=place(tenant, start),
                )
            )
        levels = {keys.webhook_of(right.item): Level(right.level) for right in found[:limit]}
        return levels, list(levels)[-1] if len(found) > limit else None

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, principal_ids: Sequence[PrincipalId]
    ) -> Mapping[PrincipalId, Level]:
        """One consistent batch read."""
        owners = {keys.right(each, webhook_id): each for each in principal_ids}
        with translated():
            found = list(
                self._items.batch_get([(tenant, item) for item in owners], consistent_read=True)
            )
        return {owners[right.item]: Level(right.level) for right in found}

    def put(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId, level: Level
    ) -> None:
        """One put."""
        item = keys.right(principal_id, webhook_id)
        with translated():
            self._items(tenant, item, level=level.value).save()

    def remove(self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId) -> bool:
        """One read and one delete."""
        if not self.levels(tenant, principal_id, [webhook_id]):
            return False
        with translated():
            self._items(tenant, keys.right(principal_id, webhook_id)).delete()
        return True
