"""What comes of an attempt that rode in a queue message until it could be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from hookline.domain.delivery.changing import cancel
from hookline.domain.delivery.delivery import (
    Attempt,
    Delivery,
    OnItsWebhook,
    ResponseRecord,
    Status,
)
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.event.event import Event
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from hookline.services.delivery.messages import Acknowledge, Handled
from tests.builders import MINUTE, SECOND, TRACE, TRACEPARENT, an_attempt
from tests.engine.endpoints import CallSeen, after_failing, answering
from tests.engine.engine import RETENTION
from tests.engine.system import System


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


def unattempted(system: System, **webhook: Any) -> tuple[Webhook, Event, Delivery]:
    made, event = system.one_event(traceparent=TRACEPARENT, **webhook)
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


def failed_once(system: System, **webhook: Any) -> tuple[Delivery, Attempt]:
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
