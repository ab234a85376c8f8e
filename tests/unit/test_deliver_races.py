"""Users and timers that act while an attempt is on the wire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery import Status
from hookline.domain.lease import LEASE
from hookline.domain.tasks import delivery_message
from hookline.domain.webhook import RetryPolicy
from tests.builders import a_task
from tests.engine.endpoints import CallSeen, after_failing, answering
from tests.engine.system import System

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def system() -> System:
    return System()


def test_a_cancel_during_the_call_wins_and_the_attempt_is_recorded(system: System) -> None:
    webhook, event = system.one_event()
    key = system.delivery(event, webhook).key
    system.endpoints.tell(webhook.url, answering(500))

    def cancel(_: CallSeen) -> None:
        system.cancel(key)

    system.endpoints.during_call = cancel
    (handled,) = system.run_deliveries()
    delivery = system.delivery(event, webhook)
    assert handled.outcome == "late"
    assert (delivery.status, delivery.attempt_count) == (Status.CANCELLED, 1)
    assert delivery.last_attempt is not None
    assert not system.engine.retry_queue.messages
    system.pass_time(timedelta(hours=1))
    assert len(system.endpoints.calls) == 1


def test_a_retry_now_during_the_call_makes_one_attempt_of_its_own(system: System) -> None:
    webhook, event = system.one_event()
    key = system.delivery(event, webhook).key
    system.endpoints.tell(webhook.url, after_failing(1))

    def retry_once(_: object) -> None:
        if len(system.endpoints.calls) == 1:
            system.retry(key)

    system.endpoints.during_call = retry_once
    system.run_deliveries()
    assert system.delivery(event, webhook).generation == 1
    assert system.delivery(event, webhook).attempt_count == 1
    assert not system.engine.retry_queue.messages
    system.pass_time(timedelta(hours=1))
    delivery = system.delivery(event, webhook)
    assert (delivery.status, delivery.attempt_count) == (Status.SUCCESS, 2)
    assert len(system.endpoints.calls) == 2


def test_a_watch_that_fires_during_the_call_does_not_make_its_result_late(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_delay=10 * SECOND))
    system.endpoints.tell(webhook.url, after_failing(1, then=200))
    system.run_everything()

    def long_call(_: object) -> None:
        system.clock.advance(LEASE + MINUTE)
        system.release_due(lambda: True)

    system.endpoints.during_call = long_call
    system.clock.advance(6 * SECOND)
    system.run_retries()
    system.endpoints.during_call = lambda _: None
    assert system.status(event, webhook) is Status.SUCCESS
    system.run_everything()
    assert len(system.endpoints.calls) == 2


def test_a_message_handed_out_twice_is_acted_on_once(system: System) -> None:
    webhook, event = system.one_event()
    delivery = system.delivery(event, webhook)
    system.engine.delivery_queue.send(delivery_message(a_task(delivery)))
    handled = system.run_deliveries()
    assert (
        sorted(one.outcome for one in handled) == ["late", "success"]
        or len(system.endpoints.calls) <= 2
    )
    assert system.status(event, webhook) is Status.SUCCESS


def test_a_retry_now_during_the_backoff_goes_out_at_once_and_the_old_timer_does_nothing(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, after_failing(1))
    system.run_everything()
    system.retry(system.delivery(event, webhook).key)
    system.run_everything()
    assert len(system.endpoints.calls) == 2
    assert system.status(event, webhook) is Status.SUCCESS
    system.pass_time(timedelta(hours=1))
    assert len(system.endpoints.calls) == 2
    assert system.delivery(event, webhook).last_attempt.trigger == "retry"  # type: ignore[union-attr]
