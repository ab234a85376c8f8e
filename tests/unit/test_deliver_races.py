"""Users and timers that act while an attempt is on the wire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.tasks import delivery_message
from hookline.domain.event.event import Event
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from tests.builders import MINUTE, SECOND, a_task
from tests.engine.endpoints import CallSeen, after_failing, answering
from tests.engine.steps import Call, Moment
from tests.engine.system import Crash, System


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


@pytest.mark.parametrize(("failures", "status"), [(1, Status.SUCCESS), (2, Status.RETRYING)])
def test_a_watch_that_fires_during_the_call_does_not_make_its_result_late(
    system: System, failures: int, status: Status
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_delay=10 * SECOND))
    system.endpoints.tell(webhook.url, after_failing(failures, then=200))
    system.run_everything()

    def long_call(_: object) -> None:
        system.clock.advance(LEASE + MINUTE)
        system.release_due(lambda: True)

    system.endpoints.during_call = long_call
    system.clock.advance(6 * SECOND)
    (handled,) = system.run_retries()
    system.endpoints.during_call = lambda _: None
    assert handled.outcome == status
    system.run_everything()  # what the watch asked for is out of date
    delivery = system.delivery(event, webhook)
    assert (delivery.status, delivery.attempt_count) == (status, 2)
    assert len(system.endpoints.calls) == 2
    system.pass_time(MINUTE, step=SECOND)
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == failures + 1


def test_a_message_handed_out_twice_is_acted_on_once(system: System) -> None:
    webhook, event = system.one_event()
    delivery = system.delivery(event, webhook)
    system.engine.delivery_queue.send(delivery_message(a_task(delivery)))
    assert [one.outcome for one in system.run_deliveries()] == ["success", "ignored"]
    assert len(system.endpoints.calls) == 1
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
    assert system.delivery(event, webhook).last_attempt.trigger == "retry"  # type: ignore[union-attr]  # None fails too


def a_late_message_and_its_copy(system: System) -> tuple[Webhook, Event]:
    """The delivery queue's senders are busy for so long that the scheduler sends a copy."""
    webhook, event = system.one_event()
    for _ in range(LEASE // MINUTE + 2):
        system.clock.advance(MINUTE)
        system.run_round()
    assert (
        len(system.engine.delivery_queue.messages) == len(system.engine.retry_queue.messages) == 1
    )
    return webhook, event


def test_the_copy_of_a_message_that_is_merely_late_makes_no_second_call(system: System) -> None:
    webhook, event = a_late_message_and_its_copy(system)

    def copy_comes(_: CallSeen) -> None:
        system.endpoints.during_call = lambda _: None
        assert [one.outcome for one in system.run_retries()] == ["ignored"]

    system.endpoints.during_call = copy_comes
    system.run_everything()
    assert len(system.endpoints.calls) == 1
    assert system.status(event, webhook) is Status.SUCCESS


def test_of_two_late_messages_that_read_the_same_one_makes_the_call(system: System) -> None:
    webhook, event = a_late_message_and_its_copy(system)

    def both_have_read(call: Call, moment: Moment) -> None:
        if call.name == "snapshots.load" and moment is Moment.AFTER:
            system.engine.steps.hook = lambda _call, _moment: None
            system.run_retries()

    system.engine.steps.hook = both_have_read
    assert [one.outcome for one in system.run_deliveries()] == ["ignored"]
    assert len(system.endpoints.calls) == 1
    assert system.status(event, webhook) is Status.SUCCESS


def die_in_mid_call(system: System) -> None:
    """The process that makes the next call does not live to see its answer."""

    def die(_: CallSeen) -> None:
        system.endpoints.during_call = lambda _: None
        raise Crash

    system.endpoints.during_call = die
    with pytest.raises(Crash):
        system.run_deliveries()


def test_a_late_message_whose_process_dies_in_mid_call_is_made_again_by_itself(
    system: System,
) -> None:
    webhook, event = a_late_message_and_its_copy(system)
    die_in_mid_call(system)
    assert [one.outcome for one in system.run_retries()] == ["ignored"]
    system.clock.advance(6 * MINUTE)
    system.run_everything()
    assert len(system.endpoints.calls) == 2
    assert system.status(event, webhook) is Status.SUCCESS


def test_a_late_message_that_never_comes_back_is_released_anew(system: System) -> None:
    webhook, event = a_late_message_and_its_copy(system)
    die_in_mid_call(system)
    system.engine.delivery_queue.purge()
    system.pass_time(LEASE + 2 * MINUTE)
    assert len(system.endpoints.calls) == 2
    assert system.status(event, webhook) is Status.SUCCESS


def test_a_late_retry_is_made_once_though_its_hidden_message_has_a_copy(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(initial_delay=5 * SECOND))
    system.endpoints.tell(webhook.url, after_failing(2))
    system.run_everything()
    system.clock.advance(5 * SECOND)
    system.run_everything()
    (hidden,) = system.engine.retry_queue.messages
    assert system.delivery(event, webhook).timer == hidden.id
    for _ in range(LEASE // MINUTE + 2):
        system.clock.advance(MINUTE)
        system.run_round()
    assert len(system.engine.retry_queue.messages) == 2
    system.run_everything()
    assert len(system.endpoints.calls) == 3
    assert system.status(event, webhook) is Status.SUCCESS


def test_what_takes_the_place_of_a_message_known_by_its_id_is_good_in_its_stead(
    system: System,
) -> None:
    webhook, event = a_late_message_and_its_copy(system)
    system.engine.retry_queue.purge()
    die_in_mid_call(system)
    system.clock.advance(6 * MINUTE)
    system.remaining = timedelta
    (handled,) = system.run_deliveries()
    assert handled.outcome == "out_of_time"
    system.remaining = lambda: MINUTE
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
