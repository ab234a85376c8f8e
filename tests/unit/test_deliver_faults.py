"""Crashes, lost replies, lost messages: nothing is lost, at most one call is repeated."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.tasks import delivery_message
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.errors import Unavailable
from hookline.services.delivery.messages import Acknowledge, HideUntil, LeaveIt
from tests.builders import MINUTE, SECOND, a_task
from tests.engine.crashes import crash_at
from tests.engine.endpoints import after_failing, answering
from tests.engine.steps import Moment, never_sent, reply_lost
from tests.engine.system import Crash, System


def test_killed_after_the_call_and_before_the_write_only_that_call_is_made_again(
    system: System,
) -> None:
    webhook = system.webhook()
    events = [system.publish() for _ in range(10)]
    system.run_stream()
    system.engine.steps.hook = crash_at("delivery_changes.replace", Moment.BEFORE, 4)
    with pytest.raises(Crash):
        system.run_deliveries()
    system.start()
    made_before = [seen.delivery_id for seen in system.endpoints.calls]
    assert len(made_before) == 4
    system.pass_time(10 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    calls = [seen.delivery_id for seen in system.endpoints.calls]
    assert len(calls) == 11
    assert [one for one in set(calls) if calls.count(one) == 2] == [made_before[3]]


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("snapshots.load", 1),
        ("vault.open", 1),
        ("delivery_changes.replace", 1),
        ("retry_timers.send", 1),
        ("snapshots.load", 2),
        ("delivery_changes.replace", 2),
        ("retry_timers.extend", 1),
        ("health.add_failures", 1),
        ("health.add_failures", 2),
        ("dead_letters.send", 1),
    ],
)
def test_a_crash_at_any_step_of_any_attempt_repeats_one_call_at_most(
    system: System, name: str, number: int, moment: Moment
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=3))
    system.endpoints.tell(webhook.url, answering(500))
    system.engine.steps.hook = crash_at(name, moment, number)
    for _ in range(3):
        try:
            system.pass_time(LEASE)
        except Crash:
            system.start()
    delivery = system.delivery(event, webhook)
    assert delivery.status is Status.FAILED
    assert 1 <= len(system.engine.dead_letter_queue.messages) <= 2
    assert 3 <= len(system.endpoints.calls) <= 4
    assert delivery.attempt_count == 3


@pytest.mark.parametrize("fault", [never_sent, reply_lost])
@pytest.mark.parametrize(
    "name",
    [
        *("snapshots.load", "vault.open", "delivery_changes.replace", "retry_timers.send"),
        *("retry_timers.extend", "health.add_failures", "dead_letters.send"),
    ],
)
def test_a_call_of_aws_that_fails_or_loses_its_reply_loses_nothing(
    system: System, name: str, fault: object
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=3))
    system.endpoints.tell(webhook.url, answering(500))
    system.engine.steps.hook = fault(name)  # type: ignore[operator]  # parametrised as an object
    for _ in range(3):
        with suppress(Unavailable):  # an invocation that failed
            system.pass_time(LEASE)
    assert system.status(event, webhook) is Status.FAILED
    assert system.engine.dead_letter_queue.messages
    assert 3 <= len(system.endpoints.calls) <= 4


def test_purged_retries_are_found_by_their_watch(system: System) -> None:
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, after_failing(1))
    events = [system.publish() for _ in range(5)]
    system.run_everything()
    system.engine.retry_queue.purge()
    system.pass_time(LEASE + 2 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert len(system.endpoints.calls) == 10


def test_a_message_received_too_often_is_replaced_by_a_fresh_one(system: System) -> None:
    retry = RetryPolicy(initial_delay=SECOND, multiplier=1, max_delay=SECOND)
    webhook, event = system.one_event(retry=retry)
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.clock.advance(2 * SECOND)
    system.run_retries()
    (message,) = system.engine.retry_queue.messages
    message.seen = 499
    system.clock.advance(2 * SECOND)
    system.run_retries()
    (fresh,) = system.engine.retry_queue.messages
    assert fresh.id != message.id
    system.clock.advance(2 * SECOND)
    system.run_retries()
    assert system.delivery(event, webhook).attempt_count == 4


def test_without_time_left_no_call_is_begun_and_the_message_comes_again(system: System) -> None:
    webhook, event = system.one_event()
    system.remaining = lambda: timedelta(seconds=15)
    (handled,) = system.run_deliveries()
    assert handled.outcome == "out_of_time"
    assert not system.endpoints.calls
    system.remaining = lambda: timedelta(seconds=60)
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS


def test_a_message_that_breaks_the_code_stops_no_other_of_its_batch(system: System) -> None:
    webhook = system.webhook()
    broken, good = system.publish(), system.publish()
    system.run_stream()

    def break_one(seen: object) -> None:
        if seen.event_id == broken.id:  # type: ignore[attr-defined]  # our endpoints' calls have it
            raise RuntimeError("a bug")

    system.endpoints.during_call = break_one
    handled = {one.message.task.event_id: one for one in system.run_deliveries()}
    assert isinstance(handled[broken.id].then, LeaveIt)
    assert isinstance(handled[broken.id].error, RuntimeError)
    assert isinstance(handled[good.id].then, Acknowledge)
    assert system.status(good, webhook) is Status.SUCCESS


def test_an_early_message_of_the_retry_queue_is_hidden_itself(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.engine.retry_queue.send(delivery_message(a_task(system.delivery(event, webhook))))
    (handled,) = system.run_retries()
    assert handled.outcome == "early"
    assert handled.then == HideUntil(system.clock() + 5 * SECOND)


def test_a_repeat_that_cannot_be_read_leaves_what_its_batch_did_before_it(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.engine.delivery_queue.send(delivery_message(a_task(system.delivery(event, webhook))))
    system.engine.steps.hook = never_sent("snapshots.load", 2)
    first, repeat = system.run_deliveries()
    assert isinstance(first.then, Acknowledge)
    assert isinstance(repeat.then, LeaveIt)
    assert len(system.endpoints.calls) == 1
