"""Changes a webhook's health whatever else changes it at the same time."""

from __future__ import annotations

from collections.abc import Callable

from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Health
from hookline.errors import Unavailable
from hookline.ports.webhooks import WebhookHealth

_TRIES = 5


def change_health(
    store: WebhookHealth,
    tenant: TenantId,
    webhook_id: WebhookId,
    change: Callable[[Health], Health | None],
) -> None:
    """Writes what ``change`` makes of the health as it stands, None for no change.

    Pacing and the circuit change it too: outrun by them, it is made again of what stands then.
    Raises Unavailable.
    """
    for _ in range(_TRIES):
        (health,) = store.get_many([(tenant, webhook_id)])
        after = change(health)
        if after is None or store.replace(health, after):
            return
    raise Unavailable("the webhook's health keeps changing")
