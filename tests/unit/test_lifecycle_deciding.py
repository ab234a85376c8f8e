"""What a message leads to, case by case (the contract's table of a delivery's life)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hookline.domain.delivery.changing import (
    hold,
    may_have_copies,
    postpone,
    release,
    resume,
    retry_now,
    watch,
)
from hookline.domain.delivery.deciding import (
    End,
    Hide,
    Hold,
    Ignore,
    Make,
    PutBack,
    Snapshot,
    decide,
)
from hookline.domain.delivery.delivery import OnItsWebhook, OnTheClock, Status
from hookline.domain.delivery.tasks import task_of
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Closed
from tests.builders import (
    MAX_AGE,
    NOW,
    SECOND,
    a_delivery,
    a_health,
    a_retrying_delivery,
    a_task,
    a_webhook,
    an_event,
)
from tests.unit.deciding import LATER, OPEN, asked, made


def test_a_new_delivery_is_attempted_even_where_clocks_differ() -> None:
    delivery = a_delivery()
    assert asked(delivery, at=timedelta(seconds=-3)) == made(delivery)


def test_a_retry_is_attempted_once_it_is_due() -> None:
    delivery = a_retrying_delivery(next_attempt_at=NOW + 90 * SECOND)
    assert asked(delivery, at=90 * SECOND) == made(delivery)


def test_a_message_that_comes_early_is_hidden_for_what_is_left() -> None:
    delivery = a_retrying_delivery(next_attempt_at=NOW + 90 * SECOND)
    assert asked(delivery, at=60 * SECOND) == Hide(30 * SECOND)


def test_a_message_of_an_attempt_already_made_is_ignored() -> None:
    delivery = a_retrying_delivery(sequence=2, attempt_count=2)
    assert isinstance(asked(delivery, task=a_task(delivery, sequence=1)), Ignore)


def test_the_message_that_times_a_delivery_is_known_by_its_id_not_its_sequence() -> None:
    delivery = a_retrying_delivery(sequence=4, attempt_count=4, timer="m-1")
    assert asked(delivery, task=a_task(delivery, sequence=1)) == made(delivery)
    assert isinstance(asked(delivery, task=a_task(delivery, sequence=1), message_id="m-2"), Ignore)


def test_messages_of_older_generations_are_ignored_after_a_retry_now() -> None:
    before = a_retrying_delivery(timer="m-1")
    after = retry_now(before, NOW)
    assert isinstance(asked(after, task=a_task(before)), Ignore)
    assert asked(after) == made(after)


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.FAILED, Status.CANCELLED])
def test_what_has_ended_is_not_attempted(status: Status) -> None:
    assert isinstance(asked(a_retrying_delivery(status=status, timer="m-1")), Ignore)


def test_a_delivery_that_is_gone_is_ignored() -> None:
    snapshot = Snapshot(None, a_webhook(), a_health(), an_event())
    assert decide(a_task(), "m-1", snapshot, NOW) == Ignore("the delivery is gone")


def test_a_stale_timer_is_out_of_date_though_its_sequence_is_right() -> None:
    delivery = a_retrying_delivery(timer="m-2")
    assert isinstance(asked(delivery, message_id="m-1"), Ignore)
    assert asked(delivery, message_id="m-2") == made(delivery)


@pytest.mark.parametrize("due", [None, NOW + timedelta(hours=1)], ids=["first", "further"])
def test_an_attempt_is_claimed_from_fourteen_minutes_after_it_was_due(due: datetime | None) -> None:
    delivery = a_delivery(next_attempt_at=due)
    claimed_from = (due or NOW) + timedelta(minutes=14)
    assert may_have_copies(delivery, claimed_from)
    assert not may_have_copies(delivery, claimed_from - timedelta(microseconds=1))


def test_a_deleted_webhook_cancels() -> None:
    delivery = a_retrying_delivery()
    decision = decide(a_task(delivery), "m-1", Snapshot(delivery, None, a_health(), None), LATER)
    assert isinstance(decision, End)
    assert decision.after.status is Status.CANCELLED
    assert decision.after.finished_at == LATER
    assert decision.after.waiting is None
    assert decision.dead_letter_reason is None


def test_an_expired_event_fails_without_a_dead_letter_that_could_not_help() -> None:
    delivery = a_retrying_delivery()
    snapshot = Snapshot(delivery, a_webhook(), a_health(), None)
    decision = decide(a_task(delivery), "m-1", snapshot, LATER)
    assert isinstance(decision, End)
    assert (decision.after.status, decision.dead_letter_reason) == (Status.FAILED, None)
    assert decision.after.finished_at == LATER
    assert decision.after.failure_reason == "its event has expired"


def test_past_its_age_a_delivery_fails_and_is_dead_lettered() -> None:
    decision = asked(a_retrying_delivery(), at=MAX_AGE)
    assert isinstance(decision, End)
    assert decision.after.status is Status.FAILED
    assert decision.dead_letter_reason == decision.after.failure_reason


def test_a_user_s_retry_past_its_age_is_attempted_and_decides_alone() -> None:
    delivery = retry_now(a_retrying_delivery(status=Status.FAILED), NOW + MAX_AGE)
    assert delivery.last_shot
    assert asked(delivery, at=MAX_AGE + SECOND) == made(delivery)


def test_within_its_age_a_user_s_retry_starts_a_fresh_schedule() -> None:
    before = a_retrying_delivery(status=Status.FAILED, sequence=7, attempt_count=7)
    delivery = retry_now(before, LATER)
    assert not delivery.last_shot
    assert (delivery.status, delivery.generation, delivery.sequence) == (Status.RETRYING, 1, 0)
    assert delivery.attempt_count == 7
    assert delivery.waiting == OnTheClock(LATER + LEASE)


def test_a_webhook_that_is_off_holds_under_the_same_status() -> None:
    decision = asked(a_delivery(), webhook=a_webhook(enabled=False))
    assert isinstance(decision, Hold)
    assert decision.after.status is Status.CREATED
    assert decision.after.waiting == OnItsWebhook(NOW)
    assert decision.after.next_attempt_at is None


def test_what_waits_on_its_webhook_already_is_not_held_again() -> None:
    delivery = a_delivery(waiting=OnItsWebhook(NOW))
    assert isinstance(asked(delivery, webhook=a_webhook(enabled=False)), Ignore)


@pytest.mark.parametrize("due", [NOW, NOW + timedelta(hours=1)], ids=["due", "not due yet"])
def test_what_waits_on_its_webhook_is_left_to_whoever_lets_it_go(due: datetime) -> None:
    # Switched on again, but nobody has come by yet: this can only be a message handed out twice.
    delivery = a_retrying_delivery(waiting=OnItsWebhook(due), next_attempt_at=None)
    assert asked(delivery) == Ignore("it waits on its webhook already")


def test_a_redriven_dead_letter_is_attempted_once_more_as_a_new_generation() -> None:
    failed = a_retrying_delivery(status=Status.FAILED, sequence=9, attempt_count=9, generation=1)
    letter = a_task(failed, redriven=True)
    decision = asked(failed, task=letter, at=MAX_AGE * 2, health=OPEN)
    assert isinstance(decision, Make)
    assert decision.delivery.generation == 2
    assert decision.delivery.last_shot
    assert isinstance(asked(replace(failed, generation=2), task=letter), Ignore)


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.CANCELLED, Status.RETRYING])
def test_a_dead_letter_of_a_delivery_that_no_longer_failed_is_ignored(status: Status) -> None:
    delivery = a_retrying_delivery(status=status)
    assert isinstance(asked(delivery, task=a_task(delivery, redriven=True)), Ignore)


def test_a_letter_redriven_while_the_webhook_is_off_stays_a_dead_letter() -> None:
    failed = a_retrying_delivery(status=Status.FAILED)
    letter = a_task(failed, redriven=True)
    decision = asked(failed, task=letter, webhook=a_webhook(enabled=False))
    assert decision == PutBack("redriven while its webhook was off")


def test_a_letter_redriven_after_its_webhook_or_event_is_gone_is_ignored() -> None:
    failed = a_retrying_delivery(status=Status.FAILED)
    letter = a_task(failed, redriven=True)
    for snapshot, reason in (
        (Snapshot(failed, None, a_health(), an_event()), "its webhook is deleted"),
        (Snapshot(failed, a_webhook(), a_health(), None), "its event has expired"),
    ):
        assert decide(letter, "m-1", snapshot, LATER) == Ignore(reason)


def test_a_released_delivery_is_watched_and_due_at_once_if_it_waited_on_its_webhook() -> None:
    parked = a_retrying_delivery(waiting=OnTheClock(NOW), next_attempt_at=NOW)
    assert release(parked, LATER) == replace(parked, waiting=OnTheClock(LATER + LEASE))
    held = a_delivery(waiting=OnItsWebhook(NOW))
    assert release(held, LATER).next_attempt_at == LATER


def test_a_delivery_let_go_before_its_own_time_waits_for_that() -> None:
    due = NOW + timedelta(hours=1)
    resumed = resume(a_retrying_delivery(waiting=OnItsWebhook(due), next_attempt_at=None), LATER)
    assert (resumed.waiting, resumed.next_attempt_at) == (OnTheClock(due), due)


def test_a_postponed_delivery_comes_back_at_its_slot() -> None:
    slot = NOW + timedelta(seconds=150)
    delivery = postpone(a_delivery(), slot)
    assert delivery.waiting == OnTheClock(slot + LEASE)
    task = task_of(delivery)
    assert asked(delivery, task=task, at=timedelta(seconds=140)) == Hide(10 * SECOND)


def test_what_gave_way_is_known_by_no_message_s_id_any_more() -> None:
    timed = a_retrying_delivery(timer="m-1", waiting=OnTheClock(NOW))
    assert hold(timed, Closed()).timer is None
    assert postpone(timed, LATER).timer is None


def test_a_delivery_that_waits_for_nothing_goes_on_now() -> None:
    resumed = resume(a_retrying_delivery(waiting=None), LATER)
    assert (resumed.waiting, resumed.next_attempt_at) == (OnTheClock(LATER), LATER)


def test_a_message_from_before_its_delivery_gave_way_to_another_is_out_of_date() -> None:
    before = a_retrying_delivery(next_attempt_at=NOW)
    let_go = release(hold(before, Closed()), LATER)
    for after in (postpone(before, LATER), let_go):
        task = task_of(before)
        assert asked(after, task=task, at=LEASE / 2) == Ignore("the message is out of date")
        assert isinstance(asked(after, task=task_of(after), at=LEASE / 2), Make)


def test_a_first_attempt_whose_message_is_lost_goes_on_the_clock() -> None:
    assert watch(a_delivery(), LATER).waiting == OnTheClock(LATER)
