"""Messages that lose a race or lack something: what becomes of them, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hookline.domain.delivery.changing import cancel
from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, Status
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.event.event import Event
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from hookline.services.delivery.messages import Acknowledge, Handled
from tests.builders import MINUTE, SECOND, TENANT
from tests.engine.endpoints import answering
from tests.engine.queues import Message
from tests.engine.steps import Call, Moment, never_sent
from tests.engine.system import System

WRITE = "delivery_changes.replace"


def before_the_write(system: System, act: Callable[[], object], *, times: int = 1) -> None:
    """Somebody else does ``act`` between what a sender reads and the next writes it makes."""
    left = times

    def hook(call: Call, moment: Moment) -> None:
        nonlocal left
        if (call.name, moment) == (WRITE, Moment.BEFORE) and left:
            left -= 1
            act()

    system.engine.steps.hook = hook


def put(system: System, event: Event, webhook: Webhook, **changes: Any) -> Delivery:
    """The delivery as somebody else changed it."""
    before = system.delivery(event, webhook)
    system.engine.deliveries_table.replace(before, replace(before, **changes))
    return system.delivery(event, webhook)


# -- who loses the race to hold or to end it -------------------------------------------------------


def test_one_that_is_cancelled_while_it_is_about_to_be_held_stays_cancelled(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    key = system.delivery(event, webhook).key
    before_the_write(system, lambda: system.cancel(key))
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.detail) == ("ignored", "the message is out of date")
    assert system.status(event, webhook) is Status.CANCELLED


def test_one_that_changes_while_it_is_about_to_be_held_is_held_as_it_is_then(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    before_the_write(
        system, lambda: put(system, event, webhook, attempt_count=3, status=Status.RETRYING)
    )
    (handled,) = system.run_deliveries()
    held = system.delivery(event, webhook)
    assert (handled.outcome, handled.delivery) == ("held", held)
    assert (held.attempt_count, isinstance(held.waiting, OnItsWebhook)) == (3, True)


def test_one_that_keeps_changing_is_left_for_later_and_says_why(system: System) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)

    def change() -> None:
        count = system.delivery(event, webhook).attempt_count
        put(system, event, webhook, attempt_count=count + 1)

    before_the_write(system, change, times=100)
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.detail) == ("unavailable", "the delivery keeps changing")


def test_of_one_that_is_called_off_with_its_webhook_nobody_is_told(system: System) -> None:
    system.webhook(events=("hookline.*",))
    webhook, event = system.one_event(events=("flow.*",))
    told = len(system.engine.events_table.all())
    system.delete(webhook)
    (handled,) = system.run_deliveries()
    assert handled.outcome == system.status(event, webhook) == "cancelled"
    assert not system.engine.dead_letter_queue.messages
    assert len(system.engine.events_table.all()) == told


def test_a_late_message_that_another_has_overtaken_says_so(system: System) -> None:
    webhook, event = system.one_event()
    stood = system.delivery(event, webhook)
    system.clock.advance(LEASE)
    before_the_write(system, lambda: put(system, event, webhook, timer="of another", ticket=1))
    (handled,) = system.run_deliveries()
    told = (handled.outcome, handled.detail, handled.then, handled.delivery)
    assert told == ("ignored", "another was faster", Acknowledge(), stood)
    assert not system.endpoints.calls


# -- whose attempt cannot be made or written -------------------------------------------------------


def test_without_its_secrets_no_call_is_made_and_the_message_comes_again(system: System) -> None:
    system.one_event()
    system.engine.steps.hook = never_sent("vault.open")
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.error) == ("unavailable", None)
    assert not system.endpoints.calls


def test_an_attempt_that_cannot_be_written_is_told_with_its_delivery_and_the_reason(
    system: System,
) -> None:
    webhook, event = system.one_event()
    unwritten: list[Handled] = []
    for number, run in enumerate((system.run_deliveries, system.run_retries), start=1):
        system.engine.steps.hook = never_sent(WRITE, number)
        unwritten += run()
        system.clock.advance(2 * SECOND)
    assert [one.outcome for one in unwritten] == ["unwritten", "unwritten"]
    assert [one.detail for one in unwritten] == [f"{WRITE} number {n}, before" for n in (1, 2)]
    assert unwritten[0].delivery == system.delivery(event, webhook)
    assert unwritten[1].message.task.made is not None


def test_an_attempt_by_a_message_known_by_its_id_rides_and_counts(system: System) -> None:
    webhook, event, _ = hidden_retry(system)
    system.clock.advance(MINUTE)
    system.engine.steps.hook = never_sent(WRITE, system.engine.steps.names[WRITE] + 1)
    (handled,) = system.run_retries()
    assert (handled.outcome, handled.delivery) == ("unwritten", system.delivery(event, webhook))
    system.clock.advance(2 * SECOND)
    (handled,) = system.run_retries()
    assert handled.outcome == "retrying"
    assert system.delivery(event, webhook).sequence == 3


def test_a_redriven_letters_attempt_rides_and_begins_its_generation(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.endpoints.tell(webhook.url, answering(200))
    system.clock.advance(MINUTE)
    system.engine.dead_letter_queue.move_all_to(system.engine.delivery_queue)
    system.engine.steps.hook = never_sent(WRITE, system.engine.steps.names[WRITE] + 1)
    assert [one.outcome for one in system.run_deliveries()] == ["unwritten"]
    system.clock.advance(2 * SECOND)
    assert [one.outcome for one in system.run_retries()] == ["success"]
    assert system.delivery(event, webhook).generation == 1
    assert system.calls_to(webhook) == 2


def test_when_an_endpoint_failed_last_is_when_its_call_ended(system: System) -> None:
    webhook, _ = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_deliveries()
    (health,) = system.engine.health_table.get_many([(TENANT, webhook.id)])
    assert health.last_failure_at == system.clock()


# -- what comes back as another message ------------------------------------------------------------


def hidden_retry(system: System) -> tuple[Webhook, Event, Message]:
    """A delivery that failed twice, and the message that times it and carries an old sequence."""
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_deliveries()
    system.clock.advance(6 * SECOND)
    system.run_retries()
    (hidden,) = system.engine.retry_queue.messages
    assert system.delivery(event, webhook).timer == hidden.id
    return webhook, event, hidden


def used_up(system: System, message: Message) -> None:
    """It was received so often that it must not wait again, and nobody has time for its call."""
    message.seen = 499
    system.clock.advance(MINUTE)
    system.remaining = timedelta


def test_what_takes_the_place_of_a_used_up_message_asks_for_the_same_attempt(
    system: System,
) -> None:
    webhook, event, hidden = hidden_retry(system)
    used_up(system, hidden)
    (handled,) = system.run_retries()
    delivery = system.delivery(event, webhook)
    assert (handled.outcome, handled.delivery, delivery.timer) == ("out_of_time", delivery, None)
    (fresh,) = system.engine.retry_queue.messages
    assert fresh.id != hidden.id
    assert fresh.body == delivery_message(task_of(delivery))


def test_a_used_up_message_whose_delivery_was_called_off_has_no_successor(system: System) -> None:
    webhook, event, hidden = hidden_retry(system)
    used_up(system, hidden)
    now = system.clock()
    before_the_write(
        system,
        lambda: system.engine.deliveries_table.overwrite(
            [cancel(system.delivery(event, webhook), now)]
        ),
    )
    (handled,) = system.run_retries()
    assert handled.then == Acknowledge()
    assert not system.engine.retry_queue.messages


def test_a_first_attempt_that_makes_way_writes_nothing(system: System) -> None:
    system.one_event()
    system.remaining = timedelta
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.then) == ("out_of_time", Acknowledge())
    assert not system.engine.steps.names[WRITE]
