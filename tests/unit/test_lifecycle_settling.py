"""What an attempt's outcome makes of its delivery (the contract's table of a delivery's life)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from hookline.domain.delivery.changing import cancel, expire, planned_for, retry_now
from hookline.domain.delivery.delivery import (
    Delivery,
    OnItsWebhook,
    OnTheClock,
    ResponseRecord,
    Status,
)
from hookline.domain.delivery.settling import (
    Delivered,
    Gone,
    NotYet,
    Plan,
    Settled,
    Verdict,
    judge,
    record_late,
    settle,
)
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Circuit, Closed, Draining, Open
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import HOUR, MAX_AGE, NOW, SECOND, a_delivery, a_retrying_delivery, an_attempt

MIDDLE = 0.5
PROBED = Open(opened_at=NOW, next_probe_at=NOW + 60 * SECOND, probe_interval=30 * SECOND)


def answered(status: int, *headers: tuple[str, str]) -> ResponseRecord:
    return ResponseRecord(status, headers, "", body_truncated=False)


def a_plan(
    *,
    policy: RetryPolicy | None = None,
    circuit: Circuit | None = None,
    timer: str | None = None,
    room: bool = True,
) -> Plan:
    return Plan(policy or RetryPolicy(), circuit or Closed(), MIDDLE, timer, lambda wait: room)


def settled(
    delivery: Delivery, verdict: Verdict, plan: Plan | None = None, at: timedelta = timedelta()
) -> Settled:
    return settle(delivery, an_attempt(), verdict, plan or a_plan(), NOW + at)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_a_2xx_is_success(status: int) -> None:
    assert judge(answered(status), NOW) == Delivered()


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 304, 307, 400, 401, 404, 500, 599])
def test_anything_else_is_a_failure_redirects_too(status: int) -> None:
    assert judge(answered(status), NOW) == NotYet()


def test_no_answer_is_a_failure() -> None:
    assert judge(None, NOW) == NotYet()


def test_a_410_says_the_endpoint_is_gone() -> None:
    assert judge(answered(410), NOW) == Gone()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_where_the_endpoint_may_ask_for_time_it_gets_it(status: int) -> None:
    asked = judge(answered(status, ("Server", "x"), ("Retry-After", "120")), NOW)
    assert asked == NotYet(120 * SECOND)


@pytest.mark.parametrize("status", [429, 503])
def test_where_it_might_and_does_not_ask_the_policy_has_the_say(status: int) -> None:
    assert judge(answered(status, ("Server", "x")), NOW) == NotYet()


def test_a_date_that_the_endpoint_asks_for_counts_from_now() -> None:
    date = format_datetime((NOW + 90 * SECOND).replace(microsecond=0), usegmt=True)
    asked = judge(answered(503, ("Retry-After", date)), NOW.replace(microsecond=0))
    assert asked == NotYet(90 * SECOND)


@pytest.mark.parametrize("status", [301, 404, 500])
def test_retry_after_counts_with_no_other_status(status: int) -> None:
    assert judge(answered(status, ("retry-after", "120")), NOW) == NotYet()


def test_a_success_ends_the_delivery_and_nothing_looks_for_it_any_more() -> None:
    after = settled(a_retrying_delivery(waiting=OnTheClock(NOW), timer="m"), Delivered()).after
    assert (after.status, after.finished_at) == (Status.SUCCESS, NOW)
    assert (after.waiting, after.timer, after.next_attempt_at) == (None, None, None)
    assert (after.sequence, after.attempt_count) == (2, 2)
    assert after.last_attempt is not None
    assert after.last_attempt.number == 2


def test_a_first_failure_waits_in_the_retry_queue_and_is_watched() -> None:
    result = settled(a_delivery(), NotYet())
    assert result.wait == 5 * SECOND
    assert result.after.status is Status.RETRYING
    assert result.after.next_attempt_at == NOW + 5 * SECOND
    assert result.after.waiting == OnTheClock(NOW + 5 * SECOND + LEASE)
    assert result.after.timer is None
    assert result.after.last_attempt is not None
    assert result.after.last_attempt.next_attempt_at == NOW + 5 * SECOND


def test_a_message_that_can_be_hidden_becomes_the_timer() -> None:
    assert settled(a_retrying_delivery(), NotYet(), a_plan(timer="m-7")).after.timer == "m-7"


def test_a_wait_that_the_queue_has_no_room_for_is_parked() -> None:
    timed = a_retrying_delivery(timer="m-6")
    result = settled(timed, NotYet(), a_plan(room=False, timer="m-7"))
    assert result.wait is None
    assert result.after.waiting == OnTheClock(NOW + 15 * SECOND)
    assert result.after.timer is None


def test_while_its_circuit_is_open_it_waits_on_its_webhook_in_its_own_place() -> None:
    result = settled(a_delivery(), NotYet(), a_plan(circuit=PROBED))
    assert result.wait is None
    assert result.after.waiting == OnItsWebhook(NOW + 5 * SECOND)
    assert result.after.next_attempt_at == PROBED.next_probe_at
    assert settled(a_delivery(), NotYet(), a_plan(circuit=Draining(NOW))).wait == 5 * SECOND


def test_the_endpoint_s_wish_to_be_left_alone_is_kept_up_to_max_delay() -> None:
    assert settled(a_delivery(), NotYet(asked=60 * SECOND)).wait == 60 * SECOND
    policy = RetryPolicy(max_delay=30 * SECOND)
    assert settled(a_delivery(), NotYet(asked=60 * SECOND), a_plan(policy=policy)).wait == (
        30 * SECOND
    )


def test_the_last_of_max_attempts_fails_and_is_dead_lettered() -> None:
    plan = a_plan(policy=RetryPolicy(max_attempts=2))
    assert settled(a_delivery(), NotYet(), plan).after.status is Status.RETRYING
    last = settled(a_retrying_delivery(), NotYet(), plan)
    assert last.after.status is Status.FAILED
    assert last.dead_letter_reason == last.after.failure_reason == "all of its 2 attempts failed"
    assert last.wait is None
    assert last.after.finished_at == NOW


@pytest.mark.parametrize("room", [True, False], ids=["hidden", "parked"])
def test_a_wait_that_outlasts_its_age_ends_with_it_and_shows_no_attempt(room: bool) -> None:
    at = MAX_AGE - 7 * SECOND
    result = settled(a_retrying_delivery(), NotYet(asked=HOUR), a_plan(room=room), at=at)
    after = result.after
    assert after.status is Status.RETRYING
    assert result.dead_letter_reason is None
    assert result.wait == (7 * SECOND if room else None)
    assert after.waiting == OnTheClock(after.expires_at + (LEASE if room else timedelta()))
    assert planned_for(after) is None
    assert after.last_attempt is not None
    assert after.last_attempt.next_attempt_at is None


def test_a_next_attempt_just_within_its_age_is_planned() -> None:
    after = settled(a_retrying_delivery(), NotYet(), at=MAX_AGE - 16 * SECOND).after
    assert planned_for(after) == after.expires_at - SECOND
    assert after.last_attempt is not None
    assert after.last_attempt.next_attempt_at == after.expires_at - SECOND


def test_while_its_circuit_is_open_too_it_waits_for_its_age_at_most() -> None:
    result = settled(a_retrying_delivery(), NotYet(), a_plan(circuit=PROBED), at=MAX_AGE - SECOND)
    assert result.after.waiting == OnItsWebhook(result.after.expires_at)
    assert planned_for(result.after) is None


def test_an_attempt_that_fails_once_its_age_is_used_up_is_its_last() -> None:
    result = settled(a_retrying_delivery(), NotYet(), at=MAX_AGE)
    assert result.after.status is Status.FAILED
    assert result.dead_letter_reason == result.after.failure_reason
    assert result.dead_letter_reason == "its time was up before an attempt succeeded"


def test_a_user_s_retry_past_its_age_is_planned_all_the_same() -> None:
    retried = retry_now(a_retrying_delivery(), NOW + MAX_AGE)
    assert planned_for(retried) == NOW + MAX_AGE


def test_a_last_shot_decides_alone() -> None:
    delivery = a_retrying_delivery(last_shot=True)
    assert settled(delivery, NotYet()).after.status is Status.FAILED
    assert settled(delivery, Delivered()).after.status is Status.SUCCESS
    assert settled(delivery, NotYet()).dead_letter_reason == "its one further attempt failed"


def test_a_retry_now_goes_on_with_a_fresh_schedule_of_ordinary_attempts() -> None:
    delivery = retry_now(a_retrying_delivery(sequence=6, attempt_count=6), NOW)
    result = settled(delivery, NotYet())
    assert result.wait == 5 * SECOND
    assert result.after.trigger == "schedule"
    assert (result.after.generation, result.after.sequence) == (1, 1)
    assert result.after.attempt_count == 7


def test_a_410_fails_at_once_without_a_dead_letter() -> None:
    result = settled(a_delivery(), Gone())
    assert (result.after.status, result.dead_letter_reason, result.wait) == (
        Status.FAILED,
        None,
        None,
    )
    assert result.after.failure_reason == "the endpoint is gone: it answered 410"
    assert result.after.finished_at == NOW


@pytest.mark.parametrize("verdict", [Delivered(), Gone(), NotYet()])
def test_a_result_that_comes_after_a_cancel_is_recorded_and_changes_nothing_else(
    verdict: Verdict,
) -> None:
    current = cancel(a_retrying_delivery(), NOW)
    after = record_late(current, an_attempt(), verdict, 0, NOW + SECOND)
    assert after.attempt_count == 2
    assert after.last_attempt is not None
    assert after.last_attempt.number == 2
    assert replace(after, attempt_count=1, last_attempt=current.last_attempt) == current


@pytest.mark.parametrize("verdict", [Delivered(), Gone(), NotYet()])
def test_a_result_that_comes_after_a_retry_now_is_recorded_and_schedules_nothing(
    verdict: Verdict,
) -> None:
    before = a_retrying_delivery()
    current = retry_now(before, NOW)
    after = record_late(current, an_attempt(), verdict, before.generation, NOW + SECOND)
    assert after.attempt_count == 2
    assert replace(after, attempt_count=1, last_attempt=current.last_attempt) == current


def test_of_two_results_of_one_attempt_a_success_counts_even_if_it_comes_second() -> None:
    current = settled(a_delivery(), NotYet()).after
    after = record_late(current, an_attempt(), Delivered(), 0, NOW + SECOND)
    assert (after.status, after.waiting) == (Status.SUCCESS, None)
    assert after.finished_at == NOW + SECOND


def test_a_cancelled_delivery_waits_for_nothing() -> None:
    after = cancel(a_retrying_delivery(waiting=OnTheClock(NOW), timer="m"), NOW)
    assert (after.status, after.waiting, after.timer) == (Status.CANCELLED, None, None)


def test_an_expired_delivery_has_failed_with_its_reason() -> None:
    after = expire(a_retrying_delivery(waiting=OnItsWebhook(NOW)), NOW + MAX_AGE)
    assert after.status is Status.FAILED
    assert after.failure_reason
