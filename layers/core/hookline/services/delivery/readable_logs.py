"""Whether a webhook has, or had, a log: one that was deleted keeps its own until that expires."""

from __future__ import annotations

from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import NotFound
from hookline.ports.deliveries import DeliveryLog
from hookline.ports.webhooks import Webhooks


class ReadableLogs:
    """Tells an empty log from one that never was. Ask it only about logs that look empty."""

    def __init__(self, *, webhooks: Webhooks, log: DeliveryLog) -> None:
        self._webhooks = webhooks
        self._log = log

    def must_exist(self, tenant: TenantId, webhook_id: WebhookId) -> None:
        """Raises NotFound where neither the webhook nor any delivery of it is there."""
        if self._webhooks.get(tenant, webhook_id) is not None:
            return
        found, goes_on = self._log.page(tenant, webhook_id, 1)
        if not found and goes_on is None:
            raise NotFound
