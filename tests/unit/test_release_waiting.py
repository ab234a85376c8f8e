"""What waits on its webhook goes in the order it is due, and one at a time while it is probed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hookline.domain.delivery.delivery import DeliveryKey, OnItsWebhook, Status
from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.domain.webhook.health import Circuit, Draining, Open
from hookline.domain.webhook.webhook import Webhook
from tests.builders import MINUTE, NOW, SECOND, TENANT, a_delivery, a_health, an_id
from tests.engine.system import System


def held(system: System, webhook: Webhook, count: int) -> dict[DeliveryKey, datetime]:
    """So many deliveries by when they are due: those made last have been due longest."""
    deliveries = [
        a_delivery(
            webhook_id=webhook.id,
            event_id=an_id("evt"),
            status=Status.RETRYING,
            attempt_count=1,
            waiting=OnItsWebhook(NOW - number * SECOND),
        )
        for number in range(1, count + 1)
    ]
    system.engine.deliveries_table.create(deliveries)
    return {one.key: one.waiting.due_at for one in deliveries if one.waiting}


def in_circuit(system: System, webhook: Webhook, circuit: Circuit) -> None:
    """The webhook's, which deliveries wait on."""
    health = a_health(webhook_id=webhook.id)
    after = a_health(
        webhook_id=webhook.id, circuit=circuit, has_waiting=True, waiting_marked_at=NOW
    )
    assert system.engine.health_table.replace(health, after)


def sent(system: System) -> Sequence[DeliveryKey]:
    """In the order of the retry queue's messages."""
    return [parse_delivery_message(body).key for body in system.engine.retry_queue.bodies]


def test_what_drains_goes_in_the_order_it_is_due(system: System) -> None:
    webhook = system.webhook()
    due = held(system, webhook, 250)
    in_circuit(system, webhook, Draining(NOW - 2 * MINUTE))
    system.start()
    for _ in range(2):
        system.webhook_round(lambda: True)
        system.clock.advance(MINUTE)
    times = [due[key] for key in sent(system)]
    assert len(times) == 250
    assert times == sorted(times)


def test_a_round_probes_once_with_what_has_been_due_longest(system: System) -> None:
    webhook = system.webhook()
    held(system, webhook, 20)
    in_circuit(system, webhook, Open(NOW - MINUTE, NOW, 30 * SECOND))
    system.start()
    for number in range(3):
        (longest,) = system.engine.deliveries_table.on_webhook(TENANT, webhook.id, 1).keys
        assert system.webhook_round(lambda: True).probes == 1
        assert sent(system)[number:] == [longest]
        system.clock.advance(5 * MINUTE)


def test_a_round_whose_time_is_up_leaves_the_rest_for_the_next_one(system: System) -> None:
    webhook = system.webhook()
    held(system, webhook, 250)
    in_circuit(system, webhook, Draining(NOW - 10 * MINUTE))
    system.start()
    system.webhook_round(lambda: len(sent(system)) < 100)
    assert len(sent(system)) == 100
    system.webhook_round(lambda: True)
    assert len(sent(system)) == 250
