"""``next_attempt_at`` shows what the webhook makes of it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, OnTheClock, Status
from hookline.domain.delivery.next_attempt import next_attempt_of
from hookline.domain.webhook.health import Closed, Draining, Open
from hookline.services.delivery.read_delivery import ShowNextAttempts
from tests.builders import MINUTE, NOW, a_delivery, a_health, a_webhook
from tests.engine.engine import Engine

SHOWN_THEN = NOW + MINUTE
OPEN = Open(opened_at=NOW, next_probe_at=NOW + 5 * MINUTE, probe_interval=MINUTE)


def held(due_in: timedelta) -> Delivery:
    return a_delivery(
        status=Status.RETRYING, waiting=OnItsWebhook(NOW + due_in), next_attempt_at=SHOWN_THEN
    )


@pytest.mark.parametrize(("due_in", "shown_in"), [(-MINUTE, 5 * MINUTE), (9 * MINUTE, 9 * MINUTE)])
def test_an_open_circuit_delays_it_to_its_next_probe_and_hastens_nothing(
    due_in: timedelta, shown_in: timedelta
) -> None:
    assert next_attempt_of(held(due_in), a_webhook(), OPEN) == NOW + shown_in


@pytest.mark.parametrize("webhook", [a_webhook(enabled=False), None])
def test_nobody_knows_while_the_webhook_is_off_or_gone(webhook: object) -> None:
    assert next_attempt_of(held(MINUTE), webhook, OPEN) is None  # type: ignore[arg-type] # either


@pytest.mark.parametrize("circuit", [Closed(), Draining(NOW)])
def test_a_webhook_that_takes_calls_delays_nothing(circuit: Closed | Draining) -> None:
    assert next_attempt_of(held(MINUTE), a_webhook(), circuit) == SHOWN_THEN


def test_what_does_not_wait_on_its_webhook_is_not_concerned() -> None:
    delivery = a_delivery(waiting=OnTheClock(NOW), next_attempt_at=SHOWN_THEN)
    assert next_attempt_of(delivery, a_webhook(enabled=False), OPEN) == SHOWN_THEN


@pytest.mark.parametrize(("deliveries", "reads"), [([held(MINUTE)] * 3, 1), ([a_delivery()], 0)])
def test_a_page_reads_health_once_at_most(deliveries: Sequence[Delivery], reads: int) -> None:
    engine, webhook = Engine(), a_webhook()
    engine.webhooks_table.create(webhook)
    engine.health_table.replace(a_health(), a_health(circuit=OPEN))
    show = ShowNextAttempts(webhooks=engine.webhooks, health=engine.health)
    shown = {one.next_attempt_at for one in show(deliveries)}
    assert shown == ({OPEN.next_probe_at} if reads else {None})
    assert engine.steps.names["health.get_many"] == engine.steps.names["webhooks.get"] == reads
