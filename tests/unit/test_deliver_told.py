"""What the queue and the log are told of a message, outcome by outcome."""

from __future__ import annotations

from dataclasses import replace

from hookline.domain.delivery.changing import cancel
from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.webhook.health import Closed, Draining, Open, state_of
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.services.delivery.messages import Acknowledge, HideUntil
from tests.builders import NOW, SECOND, a_health, a_task
from tests.engine.endpoints import answering
from tests.engine.steps import Call, Moment, never_sent
from tests.engine.system import System


def test_an_early_message_comes_back_when_its_time_has_come(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    delivery = system.delivery(event, webhook)
    system.engine.retry_queue.send(delivery_message(a_task(delivery)))
    (handled,) = system.run_retries()
    assert (handled.outcome, handled.delivery) == ("early", delivery)
    assert handled.then == HideUntil(system.clock() + 5 * SECOND)
    system.engine.delivery_queue.send(delivery_message(a_task(delivery)))
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.delivery) == ("early", delivery)
    assert handled.then == Acknowledge()  # another asks in its stead, from the retry queue


def test_a_letter_that_is_put_back_says_why_to_the_queue_and_to_the_log(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.edit(webhook, enabled=False)
    delivery = system.delivery(event, webhook)
    system.engine.dead_letter_queue.purge()
    letter = replace(task_of(delivery), redriven=True)
    system.engine.delivery_queue.send(delivery_message(letter))
    (handled,) = system.run_deliveries()
    reason = "redriven while its webhook was off"
    assert (handled.outcome, handled.detail, handled.delivery) == ("put_back", reason, delivery)
    assert handled.then == Acknowledge()
    (kept,) = system.engine.dead_letter_queue.messages
    assert kept.reason == reason


def test_a_message_that_is_out_of_date_says_so(system: System) -> None:
    webhook, event = system.one_event()
    system.run_deliveries()
    delivery = system.delivery(event, webhook)
    system.engine.delivery_queue.send(delivery_message(a_task(delivery)))
    (handled,) = system.run_deliveries()
    told = (handled.outcome, handled.detail, handled.then, handled.delivery)
    assert told == ("ignored", "the message is out of date", Acknowledge(), delivery)


def test_a_delivery_that_is_held_is_told_as_it_is_held(system: System) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.then) == ("held", Acknowledge())
    assert handled.delivery == system.delivery(event, webhook)


def test_one_whose_age_is_used_up_is_told_with_its_reason(system: System) -> None:
    webhook, event = system.one_event()
    system.clock.advance(webhook.retry.max_age)
    (handled,) = system.run_deliveries()
    delivery = system.delivery(event, webhook)
    assert (handled.outcome, handled.detail) == ("failed", delivery.failure_reason)
    assert (handled.then, handled.delivery) == (Acknowledge(), delivery)
    assert delivery.status is Status.FAILED


def test_what_cannot_be_written_rides_for_two_seconds_at_first(system: System) -> None:
    system.one_event()
    system.engine.steps.hook = never_sent("delivery_changes.replace", 1)
    (handled,) = system.run_deliveries()
    assert handled.outcome == "unwritten"
    assert handled.error is None
    (riding,) = system.engine.retry_queue.messages
    assert riding.hidden_until == system.clock() + 2 * SECOND


def test_what_cannot_be_written_again_rides_on_for_ten_seconds(system: System) -> None:
    webhook, event = system.one_event()
    system.engine.steps.hook = never_sent("delivery_changes.replace", 1)
    system.run_deliveries()
    system.clock.advance(2 * SECOND)
    system.engine.steps.hook = never_sent("delivery_changes.replace", 2)
    (handled,) = system.run_retries()
    assert (handled.outcome, handled.then) == ("unwritten", Acknowledge())
    assert handled.detail
    assert handled.message.task.made is not None
    (riding,) = system.engine.retry_queue.messages
    assert riding.hidden_until == system.clock() + 10 * SECOND
    system.clock.advance(10 * SECOND)
    system.run_retries()
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == 1


def test_a_bug_after_the_call_is_told_and_the_attempt_rides(system: System) -> None:
    system.one_event()

    def break_down(call: Call, moment: Moment) -> None:
        if call.name == "delivery_changes.replace" and moment is Moment.BEFORE:
            raise RuntimeError("a bug")

    system.engine.steps.hook = break_down
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.detail) == ("unwritten", "a bug")
    assert isinstance(handled.error, RuntimeError)


def test_a_slot_that_is_booked_is_told_and_asked_for_in_its_time(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=1.0)
    first, second = system.publish(), system.publish()
    system.run_stream()
    handled = {one.outcome: one for one in system.run_deliveries()}
    assert set(handled) == {"success", "rate_limited"}
    waits = handled["rate_limited"].delivery
    assert waits in (system.delivery(first, webhook), system.delivery(second, webhook))
    assert handled["rate_limited"].then == Acknowledge()
    assert len(system.engine.retry_queue.messages) == 1


def test_a_slot_of_a_delivery_that_was_cancelled_meanwhile_is_asked_for_by_nobody(
    system: System,
) -> None:
    webhook = system.webhook(rate_limit_per_second=1.0)
    events = [system.publish(), system.publish()]
    system.run_stream()
    table = system.engine.deliveries_table

    def cancel_first(call: Call, moment: Moment) -> None:
        if call.name == "rate_limits.book" and moment is Moment.AFTER and system.endpoints.calls:
            for delivery in [one for one in table.all() if not one.status.ended]:
                table.replace(delivery, cancel(delivery, system.clock()))

    system.engine.steps.hook = cancel_first
    told = {one.outcome: one.then for one in system.run_deliveries()}
    assert told == {"success": Acknowledge(), "rate_limited": Acknowledge()}
    assert not system.engine.retry_queue.messages
    assert system.statuses(events, webhook) == {Status.SUCCESS, Status.CANCELLED}


def test_a_call_that_has_ended_keeps_nobody_waiting(system: System) -> None:
    system.webhook()
    for _ in range(8):
        system.publish()
    system.run_stream()
    system.endpoints.during_call = lambda _seen: system.clock.advance(SECOND / 4)
    assert {handled.outcome for handled in system.run_deliveries()} == {"success"}


def test_a_webhook_s_state_is_one_word() -> None:
    opened = Open(NOW, NOW + SECOND, SECOND)
    assert state_of(a_health(), enabled=True) == "healthy"
    assert state_of(a_health(consecutive_failures=1), enabled=True) == "failing"
    assert state_of(a_health(circuit=opened), enabled=True) == "circuit_open"
    assert state_of(a_health(circuit=Draining(NOW)), enabled=True) == "draining"
    for circuit in (opened, Draining(NOW), Closed()):
        assert state_of(a_health(circuit=circuit), enabled=False) == "disabled"
