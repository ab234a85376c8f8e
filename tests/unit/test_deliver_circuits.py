"""Failing endpoints, and those that take only so many calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from hookline.domain.delivery.delivery import OnItsWebhook, Status
from hookline.domain.event.event import Event
from hookline.domain.webhook.webhook import Webhook
from tests.builders import MAX_AGE, MINUTE, SECOND
from tests.engine.endpoints import answering, timing_out
from tests.engine.system import System


def fail_ten(system: System, webhook: Webhook) -> list[Event]:
    system.endpoints.tell(webhook.url, answering(500))
    events = [system.publish() for _ in range(10)]
    system.run_everything()
    return events


def test_ten_failures_open_the_circuit_and_what_comes_waits_in_the_table(system: System) -> None:
    webhook = system.webhook()
    fail_ten(system, webhook)
    event = system.publish()
    system.run_everything()
    delivery = system.delivery(event, webhook)
    assert delivery.status is Status.CREATED
    assert isinstance(delivery.waiting, OnItsWebhook)
    assert delivery.next_attempt_at is not None
    assert system.calls_to(webhook) == 10


def test_an_open_circuit_makes_one_call_at_most_each_probe_interval(system: System) -> None:
    webhook = system.webhook()
    fail_ten(system, webhook)
    for _ in range(50):
        system.publish()
    system.run_everything()
    counts = []
    for _ in range(30):
        before = system.calls_to(webhook)
        system.pass_time(MINUTE)
        counts.append(system.calls_to(webhook) - before)
    assert max(counts) == 1
    assert 5 <= sum(counts) <= 10
    assert {seen.call.headers["X-Hookline-Event"] for seen in system.endpoints.calls}


def test_a_probe_that_succeeds_drains_what_waits_oldest_first(system: System) -> None:
    webhook = system.webhook()
    events = fail_ten(system, webhook)
    events += [system.publish() for _ in range(200)]
    system.run_everything()
    system.endpoints.tell(webhook.url, answering(200))
    system.pass_time(5 * MINUTE)
    waiting = [e for e in events if system.status(e, webhook) is not Status.SUCCESS]
    system.pass_time(10 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert len(waiting) < 210
    assert system.calls_to(webhook) == 10 + 210


def test_the_circuit_of_one_webhook_does_not_hold_another(system: System) -> None:
    failing, healthy = system.webhook(), system.webhook()
    fail_ten(system, failing)
    event = system.publish()
    system.run_everything()
    assert system.status(event, healthy) is Status.SUCCESS


def test_a_user_s_retry_passes_an_open_circuit_and_its_success_closes_it(system: System) -> None:
    webhook = system.webhook()
    events = fail_ten(system, webhook)
    system.endpoints.tell(webhook.url, answering(200))
    system.clock.advance(SECOND)
    system.retry(system.delivery(events[0], webhook).key)
    system.run_everything()
    assert system.status(events[0], webhook) is Status.SUCCESS
    system.pass_time(3 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}


def test_opening_and_closing_are_told_once_each(system: System) -> None:
    system.webhook(events=("hookline.*",))
    webhook = system.webhook()
    fail_ten(system, webhook)
    system.endpoints.tell(webhook.url, answering(200))
    system.pass_time(10 * MINUTE)
    told = [seen.call.headers["X-Hookline-Event"] for seen in system.endpoints.calls]
    operational = sorted(name for name in told if name.startswith("hookline."))
    assert operational == ["hookline.webhook.circuit_closed", "hookline.webhook.circuit_opened"]


def test_a_dead_endpoint_with_a_full_batch_is_called_no_more_than_it_takes_to_open(
    system: System,
) -> None:
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, timing_out)
    for _ in range(500):
        system.publish()
    system.run_everything()
    assert system.calls_to(webhook) <= 12


def test_a_rate_limit_spaces_calls_and_loses_none(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=0.5)
    events = [system.publish() for _ in range(100)]
    for _ in range(400):
        system.run_everything()
        system.clock.advance(SECOND)
        if int(system.clock().timestamp()) % 60 == 0:
            system.run_round()
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    times = sorted(seen.at for seen in system.endpoints.calls)
    assert len(times) == 100
    for start in times:
        within = sum(start <= at < start + 10 * SECOND for at in times)
        assert within <= 6


def most_in_a_second(times: Iterable[datetime]) -> int:
    seen = sorted(times)
    return max(sum(start <= at < start + SECOND for at in seen) for start in seen)


def test_slots_that_were_missed_together_are_not_made_up_for_at_once(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=1)
    events = [system.publish() for _ in range(50)]
    system.run_everything()
    system.clock.advance(70 * SECOND)  # the senders are busy with others
    for _ in range(120):
        system.run_everything()
        system.clock.advance(SECOND)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert most_in_a_second(seen.at for seen in system.endpoints.calls) <= 1


def test_a_slot_is_kept_by_whoever_comes_a_moment_late(system: System) -> None:
    webhook = system.webhook(rate_limit_per_second=0.1)
    events = [system.publish() for _ in range(3)]
    system.run_everything()
    for _ in range(2):
        system.clock.advance(12 * SECOND)
        system.run_everything()
    assert system.statuses(events, webhook) == {Status.SUCCESS}


def test_who_comes_late_for_a_slot_is_asked_for_earlier_by_as_much(system: System) -> None:
    # A queue that is always late would let everybody miss their slots for ever.
    webhook = system.webhook(rate_limit_per_second=1 / 20)
    events = [system.publish() for _ in range(3)]
    system.run_everything()
    begin = system.clock()
    system.clock.advance(28 * SECOND)
    system.run_everything()
    late = system.delivery(events[1], webhook)
    assert late.next_attempt_at == begin + 60 * SECOND
    again = [one for one in system.engine.retry_queue.messages if late.key.id in one.body]
    assert [one.hidden_until for one in again] == [begin + 52 * SECOND]
    for _ in range(40):
        system.clock.advance(SECOND)
        system.run_everything()
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert [seen.at - begin for seen in system.endpoints.calls][1:] == [40 * SECOND, 60 * SECOND]


@pytest.mark.parametrize("age", [MAX_AGE - SECOND, MAX_AGE], ids=["just before", "past"])
def test_a_retry_that_waits_for_a_slot_past_its_age_has_its_attempt_all_the_same(
    system: System, age: timedelta
) -> None:
    webhook, event = system.one_event(rate_limit_per_second=1 / 60)
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.clock.advance(age)
    system.endpoints.tell(webhook.url, answering(200))
    for _ in range(2):
        system.publish()
    system.run_everything()
    system.retry(system.delivery(event, webhook).key)
    system.run_everything()
    assert isinstance(system.delivery(event, webhook).waiting, OnItsWebhook)
    system.pass_time(10 * MINUTE)
    assert system.status(event, webhook) is Status.SUCCESS
