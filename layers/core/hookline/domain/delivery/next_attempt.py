"""When a delivery's next attempt is expected, and what holds it, as its owner reads it."""

from __future__ import annotations

from datetime import datetime

from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, WaitingFor
from hookline.domain.webhook.health import Circuit, Closed, Open
from hookline.domain.webhook.webhook import Webhook


def next_attempt_of(
    delivery: Delivery, webhook: Webhook | None, circuit: Circuit
) -> datetime | None:
    """For a delivery that waits on its webhook, by the state of the webhook now.

    While the circuit is open it is not attempted before the next probe; while the webhook is off
    nobody knows when.
    """
    if not isinstance(delivery.waiting, OnItsWebhook):
        return delivery.next_attempt_at
    if webhook is None or not webhook.enabled:
        return None
    if isinstance(circuit, Open):
        return max(delivery.waiting.due_at, circuit.next_probe_at)
    return delivery.next_attempt_at


def held_by(webhook: Webhook | None, circuit: Circuit) -> WaitingFor:
    """What holds deliveries of this webhook now."""
    if webhook is None or not webhook.enabled:
        return "webhook_off"
    limited = webhook.rate_limit_per_second is not None
    return "rate_limit" if limited and isinstance(circuit, Closed) else "circuit"
