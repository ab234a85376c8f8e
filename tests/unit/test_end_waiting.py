"""What waits on its webhook past its age."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery.delivery import OnItsWebhook, Status, Trigger
from hookline.domain.ids import EventId, WebhookId
from tests.builders import HOUR, NOW, a_delivery, an_id
from tests.engine.system import System


def hold(
    system: System,
    webhook_id: WebhookId,
    count: int,
    due_in: timedelta,
    trigger: Trigger = "schedule",
) -> None:
    """So many deliveries due then, which expire in an hour."""
    system.engine.deliveries_table.create(
        [
            a_delivery(
                webhook_id=webhook_id,
                event_id=EventId(an_id("evt")),
                status=Status.RETRYING,
                waiting=OnItsWebhook(NOW + due_in),
                expires_at=NOW + HOUR if due_in else NOW + 9 * HOUR,
                trigger=trigger,
            )
            for _ in range(count)
        ]
    )


def failed(system: System) -> int:
    return sum(one.status is Status.FAILED for one in system.engine.deliveries_table.all())


def test_what_is_past_its_age_ends_at_once_though_others_are_due_longer(system: System) -> None:
    webhook = system.webhook()
    hold(system, webhook.id, 1_000, due_in=timedelta())
    hold(system, webhook.id, 300, due_in=HOUR)
    system.start()
    system.clock.advance(HOUR)
    ended = system.end_waiting.expire(webhook, lambda: True, thorough=False)
    assert ended == failed(system) == 300


def test_a_hundred_are_ended_in_little_more_calls_than_one_for_each(system: System) -> None:
    webhook = system.webhook()
    hold(system, webhook.id, 100, due_in=HOUR)
    system.start()
    system.clock.advance(HOUR)
    before = system.engine.steps.total
    system.end_waiting.expire(webhook, lambda: True, thorough=False)
    assert failed(system) == len(system.engine.dead_letter_queue.bodies) == 100
    assert system.engine.steps.total - before <= 105


def test_what_has_an_attempt_to_come_all_the_same_hides_none_behind_it(system: System) -> None:
    webhook = system.webhook()
    hold(system, webhook.id, 250, due_in=HOUR / 2, trigger="retry")
    hold(system, webhook.id, 150, due_in=HOUR)
    system.start()
    system.clock.advance(HOUR)
    ended = system.end_waiting.expire(webhook, lambda: True, thorough=False)
    assert ended == failed(system) == 150


def test_what_a_user_asked_for_fails_at_its_age_too_while_the_webhook_is_off(
    system: System,
) -> None:
    webhook = system.webhook()
    hold(system, webhook.id, 3, due_in=HOUR, trigger="retry")
    off = system.edit(webhook, enabled=False)
    system.start()
    assert system.end_waiting.expire(off, lambda: True, thorough=False) == 0
    system.clock.advance(HOUR)
    ended = system.end_waiting.expire(off, lambda: True, thorough=False)
    assert ended == failed(system) == 3


def test_a_thorough_look_stops_when_the_time_is_up_and_looks_at_all_otherwise(
    system: System,
) -> None:
    webhook = system.webhook()
    hold(system, webhook.id, 9_000, due_in=timedelta())
    hold(system, webhook.id, 10, due_in=HOUR)
    system.start()
    system.clock.advance(HOUR)
    names = system.engine.steps.names
    before = names["due.expired_on_webhook"]

    def one_read() -> bool:
        return names["due.expired_on_webhook"] == before

    assert system.end_waiting.expire(webhook, one_read, thorough=True) == 0
    assert names["due.expired_on_webhook"] == before + 1
    assert system.end_waiting.expire(webhook, lambda: True, thorough=True) == failed(system) == 10
