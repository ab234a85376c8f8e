"""What a round does for each webhook that deliveries may wait on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Circuit, Closed, Draining, Health, Open
from hookline.domain.webhook.webhook import Webhook
from hookline.services.waiting.webhook_round import WebhookRoundDone
from tests.builders import MINUTE, NOW, SECOND, TENANT, a_delivery, a_health, an_id
from tests.engine.steps import Call, Moment
from tests.engine.system import System

AN_OPEN = Open(opened_at=NOW - MINUTE, next_probe_at=NOW, probe_interval=30 * SECOND)


def held(system: System, webhook: Webhook, due_at: datetime = NOW, **overrides: object) -> Delivery:
    """One more delivery that waits on its webhook, due at ``due_at``."""
    values = {"status": Status.RETRYING, "attempt_count": 1, "waiting": OnItsWebhook(due_at)}
    delivery = a_delivery(webhook_id=webhook.id, event_id=an_id("evt"), **values | overrides)
    system.engine.deliveries_table.create([delivery])
    return delivery


def mark(
    system: System, webhook: Webhook, circuit: Circuit, waiting_marked_at: datetime = NOW
) -> None:
    """Has rounds come by the webhook, since ``waiting_marked_at``."""
    before = a_health(webhook_id=webhook.id)
    after = replace(before, circuit=circuit, has_waiting=True, waiting_marked_at=waiting_marked_at)
    assert system.engine.health_table.replace(before, after)


def health_of(system: System, webhook: Webhook) -> Health:
    (health,) = system.engine.health_table.get_many([(TENANT, webhook.id)])
    return health


def status_of(system: System, delivery: Delivery) -> Status:
    return system.engine.deliveries_table.get_many([delivery.key])[delivery.key].status


def webhook_round(system: System) -> WebhookRoundDone:
    return system.webhook_round(lambda: True)


def test_a_circuit_is_probed_when_its_next_probe_may_go_out_and_not_before(system: System) -> None:
    webhook = system.webhook()
    held(system, webhook)
    mark(system, webhook, replace(AN_OPEN, next_probe_at=NOW + SECOND))
    system.start()
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, open_circuits=1)
    system.clock.advance(SECOND)
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, open_circuits=1, probes=1)


def test_nothing_is_probed_with_whose_own_time_has_not_come(system: System) -> None:
    webhook = system.webhook()
    held(system, webhook, NOW + 10 * SECOND)
    mark(system, webhook, AN_OPEN)
    system.start()
    assert webhook_round(system).probes == 0
    assert health_of(system, webhook).circuit == AN_OPEN
    system.clock.advance(10 * SECOND)
    assert webhook_round(system).probes == 1


def test_a_probe_that_somebody_else_took_gives_its_place_to_the_next_one(system: System) -> None:
    webhook = system.webhook()
    first, second = held(system, webhook, NOW - MINUTE), held(system, webhook)
    mark(system, webhook, AN_OPEN)
    system.start()

    def ends_meanwhile(call: Call, moment: Moment) -> None:
        if (call.name, moment) == ("health.replace", Moment.AFTER):
            ended = replace(first, status=Status.CANCELLED, waiting=None)
            system.engine.deliveries_table.replace(first, ended)

    system.engine.steps.hook = ends_meanwhile
    assert webhook_round(system).probes == 1
    (message,) = system.engine.retry_queue.bodies
    assert second.key.id in message


def test_what_waits_on_a_webhook_that_is_off_is_held(system: System) -> None:
    webhook = system.webhook(enabled=False)
    held(system, webhook)
    mark(system, webhook, Closed())
    system.start()
    assert webhook_round(system) == WebhookRoundDone(webhooks=1)
    system.edit(webhook, enabled=True)
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, released=1)


def test_an_open_circuit_of_a_webhook_that_is_off_is_not_probed(system: System) -> None:
    webhook = system.webhook(enabled=False)
    held(system, webhook)
    mark(system, webhook, AN_OPEN)
    system.start()
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, open_circuits=1)


def test_a_webhook_is_looked_after_as_long_as_something_waits(system: System) -> None:
    webhook = system.webhook()
    held(system, webhook, NOW + 6 * LEASE, expires_at=NOW + 10 * LEASE)
    mark(system, webhook, Draining(NOW), NOW - LEASE)
    system.edit(webhook, enabled=False)
    system.start()
    webhook_round(system)
    assert health_of(system, webhook).has_waiting
    system.clock.advance(10 * LEASE)
    assert webhook_round(system).ended == 1
    assert not health_of(system, webhook).has_waiting
    assert health_of(system, webhook).circuit == Closed()


def test_a_webhook_whose_deletion_is_fresh_has_its_whole_log_cancelled(system: System) -> None:
    webhook = system.webhook()
    made = held(system, webhook, status=Status.CREATED, attempt_count=0, waiting=None)
    mark(system, webhook, Closed())
    system.delete(webhook)
    system.start()
    system.clock.advance(2 * MINUTE - SECOND)
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, ended=1)
    assert status_of(system, made) is Status.CANCELLED


def test_later_only_what_waits_is_cancelled_without_a_walk_through_the_log(system: System) -> None:
    webhook = system.webhook()
    made = held(system, webhook, status=Status.CREATED, attempt_count=0, waiting=None)
    waits = held(system, webhook)
    mark(system, webhook, AN_OPEN)
    system.delete(webhook)
    system.start()
    system.clock.advance(2 * MINUTE)
    assert webhook_round(system) == WebhookRoundDone(webhooks=1, ended=1)
    assert [status_of(system, one) for one in (made, waits)] == [Status.CREATED, Status.CANCELLED]
    assert "delivery_log.page" not in system.engine.steps.names


def test_all_that_waits_is_looked_through_once_in_ten_minutes(system: System) -> None:
    webhook = system.webhook()
    for _ in range(4_001):  # what two reads look at
        held(system, webhook, NOW + timedelta(hours=1))
    mark(system, webhook, Closed())
    system.edit(webhook, enabled=False)
    system.start()
    names = system.engine.steps.names
    reads: list[int] = []
    for _ in range(30):
        before = names["due.expired_on_webhook"]
        webhook_round(system)
        reads.append(names["due.expired_on_webhook"] - before)
        system.clock.advance(MINUTE)
    thorough = [minute for minute, count in enumerate(reads) if count == 2]
    assert [later - thorough[0] for later in thorough] == [0, 10, 20]
    assert reads.count(1) == 27


def test_a_round_adds_up_what_it_did_for_each_webhook(system: System) -> None:
    opened = [system.webhook() for _ in range(2)]
    drained = [system.webhook() for _ in range(2)]
    for webhook in opened:
        held(system, webhook)
        mark(system, webhook, AN_OPEN)
    for webhook in drained:
        held(system, webhook)
        held(system, webhook, NOW - LEASE, expires_at=NOW - SECOND)
        mark(system, webhook, Closed())
    system.start()
    expected = WebhookRoundDone(webhooks=4, open_circuits=2, released=2, probes=2, ended=2)
    assert webhook_round(system) == expected
