"""Deliveries with their next attempt as their webhook delays it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hookline.domain.delivery.delivery import Delivery, OnItsWebhook
from hookline.domain.delivery.next_attempt import next_attempt_of
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Circuit
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.webhooks import WebhookHealth, Webhooks


class ShowNextAttempts:
    """Reads nothing unless one of them waits on its webhook.

    Then the health of all such webhooks at once, and each of these webhooks.
    """

    def __init__(self, *, webhooks: Webhooks, health: WebhookHealth) -> None:
        self._webhooks = webhooks
        self._health = health

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """In the same order. Raises Unavailable."""
        keys = list(
            dict.fromkeys(
                (one.key.tenant, one.key.webhook_id)
                for one in deliveries
                if isinstance(one.waiting, OnItsWebhook)
            )
        )
        if not keys:
            return deliveries
        stands = {
            key: (self._webhooks.get(*key), health.circuit)
            for key, health in zip(keys, self._health.get_many(keys), strict=True)
        }
        return [_as_it_stands(one, stands) for one in deliveries]


def _as_it_stands(
    delivery: Delivery, stands: Mapping[tuple[TenantId, WebhookId], tuple[Webhook | None, Circuit]]
) -> Delivery:
    on = stands.get((delivery.key.tenant, delivery.key.webhook_id))
    if on is None:
        return delivery
    return replace(delivery, next_attempt_at=next_attempt_of(delivery, *on))
