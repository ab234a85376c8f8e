"""What is written of an attempt and told of it, by whoever made it or was brought it."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime
from itertools import count

from hookline.domain.delivery.delivery import AttemptError, Delivery, OnItsWebhook, OnTheClock
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.services.delivery.messages import Acknowledge
from tests.builders import MINUTE, SECOND, TRACE, TRACEPARENT
from tests.engine.endpoints import ADDRESS, CallSeen, answering, timing_out
from tests.engine.steps import Call, Moment
from tests.engine.system import System
from tests.engine.wiring import Budget


def test_an_attempt_that_has_ended_is_told_with_its_delivery_and_its_trace(system: System) -> None:
    webhook, event = system.one_event(traceparent=TRACEPARENT)
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
    webhook, event = system.one_event(traceparent=TRACEPARENT)
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
