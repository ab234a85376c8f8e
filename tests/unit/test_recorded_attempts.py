"""What is written of an attempt and told of it, by whoever made it or was brought it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import count

import pytest

from hookline.domain.delivery.changing import cancel
from hookline.domain.delivery.delivery import (
    Attempt,
    AttemptError,
    Delivery,
    OnItsWebhook,
    OnTheClock,
    ResponseRecord,
    Status,
)
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.event.event import Event
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from hookline.services.delivery.messages import Acknowledge, Handled
from tests.builders import an_attempt
from tests.engine.endpoints import ADDRESS, CallSeen, after_failing, answering, timing_out
from tests.engine.engine import RETENTION
from tests.engine.steps import Call, Moment
from tests.engine.system import System
from tests.engine.wiring import Budget

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def system() -> System:
    return System()


def traced(system: System, **webhook: object) -> tuple[Webhook, Event]:
    made = system.webhook(**webhook)
    event = system.publish(traceparent=TRACEPARENT)
    system.run_stream()
    return made, event


# -- by whoever made it ----------------------------------------------------------------------------


def test_an_attempt_that_has_ended_is_told_with_its_delivery_and_its_trace(system: System) -> None:
    webhook, event = traced(system)
    (handled,) = system.run_deliveries()
    delivery = system.delivery(event, webhook)
    assert (handled.outcome, handled.then, handled.detail) == ("success", Acknowledge(), None)
    assert (handled.delivery, handled.attempt) == (delivery, delivery.last_attempt)
    assert handled.trace_id == TRACE


def test_why_a_delivery_failed_is_told(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    (handled,) = system.run_deliveries()
    reason = "its only attempt failed"
    assert (handled.outcome, handled.detail) == ("failed", reason)
    assert system.delivery(event, webhook).failure_reason == reason


def test_no_answer_is_recorded_with_its_reason_and_where_it_was_awaited(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, timing_out)
    system.run_deliveries()
    last = system.delivery(event, webhook).last_attempt
    assert last is not None
    assert (last.response, last.address) == (None, ADDRESS)
    assert last.error == AttemptError("timeout", "no answer within 10 s")


def test_a_call_that_cannot_be_made_is_an_attempt_that_failed(system: System) -> None:
    webhook, event = system.one_event(url="https://{{data.nothing}}/x")
    (handled,) = system.run_deliveries()
    assert handled.outcome == "retrying"
    last = system.delivery(event, webhook).last_attempt
    assert last is not None
    assert last.error is not None
    assert (last.error.kind, last.response, last.address) == ("template", None, None)
    assert not system.endpoints.calls


def test_the_date_that_an_endpoint_asks_for_counts_from_the_end_of_its_call(
    system: System,
) -> None:
    webhook, event = system.one_event()
    wanted = (system.clock() + 10 * MINUTE).replace(microsecond=0)
    asks = answering(503, retry_after=format_datetime(wanted, usegmt=True))
    system.endpoints.tell(webhook.url, asks)
    system.run_deliveries()
    assert system.delivery(event, webhook).next_attempt_at == wanted


def test_a_delivery_that_is_gone_when_its_call_ends_is_told_as_gone(system: System) -> None:
    webhook, event = traced(system)
    key = system.delivery(event, webhook).key

    def takes_long(_: CallSeen) -> None:
        system.engine.deliveries_table.take_away(key)

    system.endpoints.during_call = takes_long
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.then) == ("gone", Acknowledge())
    assert (handled.delivery, handled.trace_id) == (None, TRACE)
    assert handled.attempt is not None
    assert handled.attempt.number == 1
    assert handled.message.task.key == key


def test_a_users_retry_that_fails_while_its_circuit_is_open_waits_on_its_webhook(
    system: System,
) -> None:
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, answering(500))
    event, *_ = [system.publish() for _ in range(12)]
    system.run_everything()
    system.retry(system.delivery(event, webhook).key)
    assert [one.outcome for one in system.run_deliveries()] == ["retrying"]
    assert isinstance(system.delivery(event, webhook).waiting, OnItsWebhook)


def test_each_webhook_has_its_own_share_of_the_retry_queue() -> None:
    system = System(budget=Budget(per_webhook=2))
    webhooks = [system.webhook(), system.webhook()]
    for webhook in webhooks:
        system.endpoints.tell(webhook.url, answering(500))
    system.publish()
    system.publish()
    system.run_everything()
    assert len(system.engine.retry_queue.messages) == 4


def test_a_result_that_is_applied_again_takes_one_place_in_the_retry_queue(system: System) -> None:
    system = System(budget=Budget(per_webhook=1))
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    changes = count()

    def outrun(call: Call, moment: Moment) -> None:
        if call.name == "delivery_changes.replace" and moment is Moment.BEFORE:
            change_once(system, system.delivery(event, webhook), next(changes))

    system.engine.steps.hook = outrun
    (handled,) = system.run_deliveries()
    assert handled.outcome == "retrying"
    assert len(system.engine.retry_queue.messages) == 1


def change_once(system: System, delivery: Delivery, number: int) -> None:
    """As a scheduler does that takes the message for lost."""
    if number == 0:
        after = replace(delivery, waiting=OnTheClock(system.clock() + LEASE))
        system.engine.deliveries_table.replace(delivery, after)


def test_a_delivery_that_keeps_changing_is_left_and_its_attempt_rides(system: System) -> None:
    webhook, event = system.one_event()

    def outrun(call: Call, moment: Moment) -> None:
        if call.name == "delivery_changes.replace" and moment is Moment.BEFORE:
            delivery = system.delivery(event, webhook)
            after = replace(delivery, ticket=delivery.ticket + 1)
            system.engine.deliveries_table.replace(delivery, after)

    system.engine.steps.hook = outrun
    (handled,) = system.run_deliveries()
    assert (handled.outcome, handled.detail) == ("unwritten", "the delivery keeps changing")


def test_of_two_that_were_handed_one_message_the_later_result_schedules_nothing(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.clock.advance(6 * SECOND)
    system.run_retries()
    (hidden,) = system.engine.retry_queue.messages
    assert system.delivery(event, webhook).timer == hidden.id
    system.clock.advance(MINUTE)

    def another_has_it(_: CallSeen) -> None:
        system.endpoints.during_call = lambda _: None
        system.clock.advance(SECOND)
        (received,) = system.engine.retry_queue.being_received
        system.engine.retry_queue.show_again(received)
        assert [one.outcome for one in system.run_retries()] == ["retrying"]

    system.endpoints.during_call = another_has_it
    assert [one.outcome for one in system.run_retries()] == ["late"]
    delivery = system.delivery(event, webhook)
    assert (delivery.sequence, delivery.attempt_count) == (3, 4)
    assert system.calls_to(webhook) == 4


def test_a_result_counts_though_an_older_one_is_recorded_during_its_call(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.clock.advance(6 * SECOND)
    system.run_retries()
    delivery = system.delivery(event, webhook)
    assert delivery.timer is not None
    system.clock.advance(MINUTE)

    def an_older_one_comes_by(_: CallSeen) -> None:
        system.endpoints.during_call = lambda _: None
        older = answered(system, 500, ago=3 * SECOND)
        assert brought(system, delivery, older, sequence=0).outcome == "late"

    system.endpoints.during_call = an_older_one_comes_by
    assert [one.outcome for one in system.run_retries()] == ["retrying"]
    after = system.delivery(event, webhook)
    assert (after.sequence, after.attempt_count) == (3, 4)


# -- by whoever was brought it ---------------------------------------------------------------------


def answered(system: System, status: int, ago: timedelta = SECOND) -> Attempt:
    """An attempt that nobody has written yet."""
    response = ResponseRecord(status, (), "", body_truncated=False)
    started_at = system.clock() - ago
    return replace(
        an_attempt(), started_at=started_at, duration=SECOND / 20, response=response, error=None
    )


def brought(system: System, delivery: Delivery, made: Attempt, sequence: int = 0) -> Handled:
    """What comes of an attempt that was made as number ``sequence`` + 1 of this generation."""
    task = replace(task_of(delivery), made=made, sequence=sequence)
    system.engine.retry_queue.send(delivery_message(task))
    (handled,) = system.run_retries()
    return handled


def unattempted(system: System, **webhook: object) -> tuple[Webhook, Event, Delivery]:
    made, event = traced(system, **webhook)
    system.engine.delivery_queue.purge()
    return made, event, system.delivery(event, made)


def test_what_rode_counts_as_if_it_had_been_written_at_once(system: System) -> None:
    webhook, event, delivery = unattempted(system)
    made = answered(system, 200)
    handled = brought(system, delivery, made)
    after = system.delivery(event, webhook)
    assert (after.status, after.attempt_count, after.finished_at) == ("success", 1, made.ended_at)
    assert (handled.outcome, handled.then) == ("success", Acknowledge())
    assert (handled.delivery, handled.attempt) == (after, after.last_attempt)
    assert handled.trace_id == TRACE


def test_a_failure_that_rode_is_followed_up_by_its_webhooks_policy(system: System) -> None:
    policy = RetryPolicy(initial_delay=7 * MINUTE)
    webhook, event, delivery = unattempted(system, retry=policy)
    made = answered(system, 500)
    brought(system, delivery, made)
    after = system.delivery(event, webhook)
    assert (after.status, after.sequence) == (Status.RETRYING, 1)
    assert after.next_attempt_at == made.ended_at + 7 * MINUTE
    (asks,) = system.engine.retry_queue.messages
    assert asks.body == delivery_message(task_of(after))
    assert asks.hidden_until == after.next_attempt_at


def test_a_date_that_its_endpoint_asked_for_counts_from_the_end_of_its_call(
    system: System,
) -> None:
    webhook, event, delivery = unattempted(system)
    wanted = (system.clock() + 10 * MINUTE).replace(microsecond=0)
    made = answered(system, 503)
    assert made.response is not None
    asks = (("retry-after", format_datetime(wanted, usegmt=True)),)
    brought(system, delivery, replace(made, response=replace(made.response, headers=asks)))
    assert system.delivery(event, webhook).next_attempt_at == wanted


def test_a_failure_that_rode_past_its_circuits_opening_waits_on_its_webhook(
    system: System,
) -> None:
    webhook, event, delivery = unattempted(system)
    system.endpoints.tell(webhook.url, answering(500))
    for _ in range(11):
        system.publish()
    system.run_everything()
    brought(system, delivery, answered(system, 500))
    assert isinstance(system.delivery(event, webhook).waiting, OnItsWebhook)


def test_what_rode_while_its_webhook_was_deleted_is_recorded(system: System) -> None:
    webhook, event, delivery = unattempted(system)
    system.delete(webhook)
    handled = brought(system, delivery, answered(system, 500))
    assert (handled.outcome, handled.trace_id) == ("retrying", TRACE)
    assert system.delivery(event, webhook).attempt_count == 1


def test_what_rode_longer_than_its_event_was_kept_is_recorded_without_a_trace(
    system: System,
) -> None:
    _, _, delivery = unattempted(system)
    system.clock.advance(RETENTION + MINUTE)
    system.engine.deliveries_table.overwrite([replace(delivery, created_at=system.clock())])
    handled = brought(system, delivery, answered(system, 200))
    assert (handled.outcome, handled.trace_id) == ("success", None)


def test_what_rode_until_its_delivery_was_gone_is_told_as_gone(system: System) -> None:
    _, _, delivery = unattempted(system)
    system.engine.deliveries_table.take_away(delivery.key)
    made = answered(system, 200)
    handled = brought(system, delivery, made)
    assert (handled.outcome, handled.then) == ("gone", Acknowledge())
    assert (handled.attempt, handled.delivery) == (made, None)
    assert handled.message.task.key == delivery.key


def test_what_rode_while_its_delivery_went_on_is_a_success_in_its_own_generation(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_deliveries()
    delivery = system.delivery(event, webhook)
    made = answered(system, 200)
    handled = brought(system, delivery, made)
    after = system.delivery(event, webhook)
    assert (handled.outcome, after.status, after.attempt_count) == ("late", Status.SUCCESS, 2)
    assert after.finished_at == made.ended_at


def test_what_rode_while_its_delivery_was_retried_is_recorded_and_ends_nothing(
    system: System,
) -> None:
    webhook, event, delivery = unattempted(system)
    system.retry(delivery.key)
    handled = brought(system, delivery, answered(system, 200))
    after = system.delivery(event, webhook)
    assert (handled.outcome, after.status) == ("late", Status.CREATED)
    assert (after.generation, after.attempt_count) == (1, 1)


# -- what is written already -----------------------------------------------------------------------


def failed_once(system: System, **webhook: object) -> tuple[Delivery, Attempt]:
    """A delivery whose retry nobody asks for any more, and its attempt."""
    made, event = system.one_event(**webhook)
    system.endpoints.tell(made.url, after_failing(1))
    system.run_deliveries()
    system.engine.retry_queue.purge()
    delivery = system.delivery(event, made)
    assert delivery.last_attempt is not None
    return delivery, delivery.last_attempt


def test_who_died_between_writing_and_asking_is_made_up_for(system: System) -> None:
    delivery, made = failed_once(system)
    handled = brought(system, delivery, made)
    assert (handled.outcome, handled.then) == ("written", Acknowledge())
    assert (handled.delivery, handled.detail) == (delivery, None)
    (asks,) = system.engine.retry_queue.messages
    assert asks.body == delivery_message(task_of(delivery))
    assert asks.hidden_until == delivery.next_attempt_at


def test_nobody_is_asked_twice_where_a_message_or_the_clock_knows_already(system: System) -> None:
    parked, made = failed_once(system, retry=RetryPolicy(initial_delay=timedelta(hours=1)))
    assert asked_for_anew(system, parked, made) == 0
    timed, made = failed_once(system)
    assert asked_for_anew(system, replace(timed, timer="m"), made) == 0
    held, made = failed_once(system)
    waits = OnItsWebhook(system.clock())
    assert asked_for_anew(system, replace(held, waiting=waits), made) == 0
    ended, made = failed_once(system)
    assert asked_for_anew(system, cancel(ended, system.clock()), made) == 0


def asked_for_anew(system: System, stands: Delivery, made: Attempt) -> int:
    """How many messages ask for the next attempt once what is written came by again."""
    system.engine.deliveries_table.overwrite([stands])
    handled = brought(system, stands, made)
    assert (handled.outcome, handled.then) == ("written", Acknowledge())
    return len(system.engine.retry_queue.messages)
