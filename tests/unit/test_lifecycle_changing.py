"""What users, queues and the scheduler make of a delivery: what stays of it, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.changing import (
    asks_after,
    claim,
    end,
    new_generation,
    release,
    unclaim,
)
from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Health
from tests.builders import MINUTE, NOW, SECOND, a_delivery, a_health, a_retrying_delivery


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.FAILED, Status.CANCELLED])
def test_of_one_that_has_ended_nothing_is_left_to_do(status: Status) -> None:
    before = a_retrying_delivery(
        last_shot=True,
        trigger="probe",
        timer="m-1",
        spaced_by="retry_after",
        waiting=OnTheClock(NOW),
        next_attempt_at=NOW,
    )
    after = end(before, status, NOW + SECOND, "why")
    assert (after.status, after.finished_at, after.failure_reason) == (status, NOW + SECOND, "why")
    assert (after.last_shot, after.trigger, after.timer) == (False, "schedule", None)
    assert (after.spaced_by, after.waiting, after.next_attempt_at) == (None, None, None)


def test_a_new_generation_begins_with_nothing_of_the_old_one() -> None:
    before = a_retrying_delivery(
        status=Status.FAILED,
        generation=3,
        sequence=5,
        attempt_count=5,
        timer="m-1",
        spaced_by="retry_after",
        waiting=OnTheClock(NOW),
        next_attempt_at=NOW,
        finished_at=NOW,
        failure_reason="why",
    )
    after = new_generation(before, last_shot=False)
    assert (after.status, after.generation, after.sequence) == (Status.RETRYING, 4, 0)
    assert (after.trigger, after.timer, after.spaced_by) == ("retry", None, None)
    assert (after.waiting, after.next_attempt_at, after.finished_at) == (None, None, None)
    assert (after.failure_reason, after.last_shot, after.attempt_count) == (None, False, 5)


def test_a_claim_is_watched_for_a_lease_from_then_on() -> None:
    late = NOW + 20 * MINUTE
    claimed = claim(a_delivery(), "m-1", late)
    assert (claimed.timer, claimed.waiting) == ("m-1", OnTheClock(late + LEASE))
    assert unclaim(claimed).timer is None


def test_what_replaces_a_lost_message_waits_for_two_turns_of_a_result_that_rides() -> None:
    released = release(a_retrying_delivery(next_attempt_at=NOW), NOW)
    assert asks_after(released) == 20 * SECOND
    parked = a_retrying_delivery(next_attempt_at=NOW, waiting=OnTheClock(NOW))
    assert asks_after(parked) == timedelta()
    assert asks_after(a_delivery(waiting=None)) == timedelta()


# -- what is known of its endpoint -----------------------------------------------------------------


def test_that_an_endpoint_is_slow_counts_for_five_minutes_and_is_told_anew_after_one() -> None:
    assert a_health().slowness_is_news(NOW)
    slow: Health = a_health(slow_at=NOW)
    assert not slow.slowness_is_news(NOW + MINUTE - SECOND)
    assert slow.slowness_is_news(NOW + MINUTE)
    assert slow.slow(NOW + 5 * MINUTE - SECOND)
    assert not slow.slow(NOW + 5 * MINUTE)
    assert not a_health().slow(NOW)
