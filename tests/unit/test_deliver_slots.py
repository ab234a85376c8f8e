"""Slots of a rate limit: one of each webhook's own, and what becomes of whoever finds none."""

from __future__ import annotations

from datetime import datetime

from hookline.domain.delivery.delivery import OnItsWebhook
from hookline.domain.event.event import Event
from hookline.domain.webhook.health import Health, Open
from hookline.domain.webhook.webhook import Webhook
from hookline.services.delivery.messages import Acknowledge
from tests.builders import SECOND, TENANT
from tests.engine.endpoints import answering
from tests.engine.system import System

# -- slots of a rate limit -------------------------------------------------------------------------


def test_each_webhook_has_slots_of_its_own(system: System) -> None:
    for _ in range(2):
        system.webhook(rate_limit_per_second=1 / 60)
    system.publish()
    system.run_everything()
    assert len(system.endpoints.calls) == 2


def test_one_that_finds_no_slot_waits_on_its_webhook_and_rounds_come_by(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=1 / 60)
    events = [system.publish() for _ in range(2)]
    system.run_stream()
    first, second = system.run_deliveries()
    assert [first.outcome, second.outcome, second.then] == [
        "success",
        "rate_limited",
        Acknowledge(),
    ]
    held = system.delivery(events[1], webhook)
    assert second.delivery == held
    assert isinstance(held.waiting, OnItsWebhook)
    assert health_of(system, webhook).waiting_marked_at == system.clock()
    assert not system.engine.retry_queue.messages


def test_a_users_retry_that_finds_no_slot_is_shown_with_its_circuits_next_probe(
    system: System,
) -> None:
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, answering(500))
    events = [system.publish() for _ in range(20)]
    system.run_everything()
    system.edit(webhook, rate_limit_per_second=1 / 60)
    for event in events[:2]:
        system.retry(system.delivery(event, webhook).key)
    system.run_deliveries()
    circuit = health_of(system, webhook).circuit
    assert isinstance(circuit, Open)
    assert system.delivery(events[1], webhook).next_attempt_at == circuit.next_probe_at


def test_a_late_retry_without_a_slot_gets_the_next_one_as_it_is(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=1 / 20)
    system.endpoints.tell(webhook.url, answering(500))
    late = system.publish()
    system.run_everything()
    system.clock.advance(8 * SECOND)  # three seconds later than it was due
    other = system.publish()
    system.run_stream()
    begin = slot_taken_by(system, other, webhook)
    (handled,) = system.run_retries()
    assert handled.outcome == "rate_limited"
    slot = system.delivery(late, webhook).next_attempt_at
    assert slot is not None
    assert slot > begin
    asks = [one for one in system.engine.retry_queue.messages if late.id in one.body]
    assert [one.hidden_until for one in asks] == [slot]


def slot_taken_by(system: System, event: Event, webhook: Webhook) -> datetime:
    (handled,) = system.run_deliveries()
    assert handled.message.task.event_id == event.id
    assert system.delivery(event, webhook).spaced_by in {None, "rate_limit"}
    return system.clock()


def health_of(system: System, webhook: Webhook) -> Health:
    (health,) = system.engine.health_table.get_many([(TENANT, webhook.id)])
    return health
