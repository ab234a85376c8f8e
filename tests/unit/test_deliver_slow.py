"""Slow endpoints take the retry queue's senders, not those of first attempts (decision 0021)."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery.call import Answered
from hookline.domain.delivery.delivery import Status
from hookline.domain.webhook.health import SLOW
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import MINUTE
from tests.engine.endpoints import ADDRESS, Behaviour, CallSeen
from tests.engine.system import System

MILLISECOND = timedelta(milliseconds=1)


def taking(duration: timedelta, status: int = 200) -> Behaviour:
    def behave(_: CallSeen) -> Answered:
        return Answered(status, (), b"", False, duration, ADDRESS)

    return behave


def outcomes_of_one_more(system: System) -> list[str]:
    system.publish()
    system.run_stream()
    return [handled.outcome for handled in system.run_deliveries()]


def test_first_attempts_of_a_slow_webhook_are_made_by_the_retry_queues_senders(
    system: System,
) -> None:
    webhook, _ = system.one_event()
    system.endpoints.tell(webhook.url, taking(SLOW))
    assert [handled.outcome for handled in system.run_deliveries()] == ["success"]
    event = system.publish()
    system.run_stream()
    assert [handled.outcome for handled in system.run_deliveries()] == ["diverted"]
    assert system.calls_to(webhook) == 1
    assert not system.engine.delivery_queue.messages
    assert [handled.outcome for handled in system.run_retries()] == ["success"]
    delivery = system.delivery(event, webhook)
    assert (delivery.status, delivery.attempt_count) == (Status.SUCCESS, 1)


def test_a_webhook_that_takes_less_than_a_second_is_not_slow_nor_is_its_neighbour(
    system: System,
) -> None:
    webhook, other = system.webhook(), system.webhook(events=("another.type",))
    system.endpoints.tell(webhook.url, taking(SLOW - MILLISECOND))
    system.endpoints.tell(other.url, taking(SLOW))
    system.publish(type="another.type")
    system.run_stream()
    system.run_deliveries()
    assert outcomes_of_one_more(system) == ["success"]
    assert outcomes_of_one_more(system) == ["success"]


def test_slowness_is_forgotten_after_five_minutes(system: System) -> None:
    webhook, _ = system.one_event()
    system.endpoints.tell(webhook.url, taking(SLOW))
    system.run_deliveries()
    system.endpoints.tell(webhook.url, taking(MILLISECOND))
    system.clock.advance(5 * MINUTE - MILLISECOND)
    assert outcomes_of_one_more(system) == ["diverted"]
    system.clock.advance(MILLISECOND)
    assert outcomes_of_one_more(system) == ["success"]


def test_a_dead_letter_redriven_to_a_slow_webhook_is_attempted_exactly_once_more(
    system: System,
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, taking(SLOW, status=500))
    system.run_deliveries()
    assert system.status(event, webhook) is Status.FAILED
    system.engine.dead_letter_queue.move_all_to(system.engine.delivery_queue)
    assert [handled.outcome for handled in system.run_deliveries()] == ["diverted"]
    system.endpoints.tell(webhook.url, taking(SLOW))
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
    assert system.calls_to(webhook) == 2
