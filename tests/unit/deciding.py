"""What is decided about a delivery when a message asks for its attempt."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery.deciding import Decision, Make, Snapshot, decide
from hookline.domain.delivery.delivery import Delivery, DeliveryTask
from hookline.domain.webhook.health import Health, Open
from hookline.domain.webhook.webhook import Webhook
from tests.builders import NOW, SECOND, a_health, a_task, a_webhook, an_event

OPEN = a_health(
    circuit=Open(
        opened_at=NOW, next_probe_at=NOW + 30 * SECOND, probe_interval=timedelta(seconds=30)
    )
)

LATER = NOW + timedelta(minutes=2)


def made(delivery: Delivery) -> Make:
    return Make(delivery, a_webhook(), an_event())


def asked(
    delivery: Delivery,
    *,
    task: DeliveryTask | None = None,
    message_id: str = "m-1",
    webhook: Webhook | None = None,
    health: Health | None = None,
    at: timedelta = timedelta(minutes=2),
) -> Decision:
    snapshot = Snapshot(delivery, webhook or a_webhook(), health or a_health(), an_event())
    return decide(task or a_task(delivery), message_id, snapshot, NOW + at)
