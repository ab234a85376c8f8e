"""What users and the scheduler change about a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, OnTheClock, Status, Trigger
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Circuit, Open

TIME_WAS_UP = "its time was up before an attempt succeeded"
"""The reason of a delivery that reached its maximum age."""

RIDES_EVERY = timedelta(seconds=10)
"""How often to retry writing an attempt that was made and could not be recorded."""

_ALONE_FOR = LEASE - timedelta(minutes=1)
"""For this long after an attempt was due, its message is the only one: a lease later the
scheduler takes it for lost and sends another. An invocation lasts a minute."""


def end(delivery: Delivery, status: Status, now: datetime, reason: str | None = None) -> Delivery:
    """The delivery ended, for ``reason`` if it failed. The scheduler no longer looks for it."""
    return replace(
        delivery,
        status=status,
        finished_at=now,
        failure_reason=reason,
        next_attempt_at=None,
        waiting=None,
        timer=None,
        trigger="schedule",
        last_shot=False,
        spaced_by=None,
    )


def cancel(delivery: Delivery, now: datetime) -> Delivery:
    """Cancelled by a user, or because its webhook was deleted."""
    return end(delivery, Status.CANCELLED, now)


def too_old(delivery: Delivery, now: datetime) -> bool:
    """Whether it has reached its maximum age.

    A retry that a user asked for is made even so, and so is a last shot.
    """
    spared = delivery.last_shot or delivery.trigger == "retry"
    return now >= delivery.expires_at and not spared


def planned_for(delivery: Delivery) -> datetime | None:
    """When its next attempt is planned; None if it reaches its maximum age before."""
    due = delivery.next_attempt_at
    return None if due is None or too_old(delivery, due) else due


def expire(delivery: Delivery, now: datetime) -> Delivery:
    """Failed at its webhook's max_age (reference row AP-6)."""
    return end(delivery, Status.FAILED, now, TIME_WAS_UP)


def new_generation(delivery: Delivery, *, last_shot: bool) -> Delivery:
    """One attempt now, then a fresh schedule unless this is the last shot.

    Timers of older generations have no effect any more.
    """
    return replace(
        delivery,
        status=Status.RETRYING if delivery.attempt_count else Status.CREATED,
        generation=delivery.generation + 1,
        sequence=0,
        trigger="retry",
        next_attempt_at=None,
        finished_at=None,
        failure_reason=None,
        waiting=None,
        timer=None,
        last_shot=last_shot,
        spaced_by=None,
    )


def retry_now(delivery: Delivery, now: datetime) -> Delivery:
    """A retry that a user asked for, of a delivery in any status.

    Past its maximum age this attempt is the last one. The scheduler looks after it from ``now`` on,
    in case the message that asks for the attempt gets lost.
    """
    anew = new_generation(delivery, last_shot=now >= delivery.expires_at)
    return replace(anew, next_attempt_at=now, waiting=OnTheClock(now + LEASE))


def hold(delivery: Delivery, circuit: Circuit) -> Delivery:
    """Waits on its webhook, ordered by when its next attempt was due.

    While a circuit is open, ``next_attempt_at`` shows the delay; while the webhook is off nobody
    knows when it goes on. A probe that came too late goes on as an ordinary attempt.
    """
    due = delivery.next_attempt_at or delivery.created_at
    shown = max(due, circuit.next_probe_at) if isinstance(circuit, Open) else None
    return replace(
        delivery,
        waiting=OnItsWebhook(due),
        trigger=_ordinary(delivery.trigger),
        next_attempt_at=shown,
        ticket=delivery.ticket + 1,
        timer=None,
        spaced_by=None,
    )


def postpone(delivery: Delivery, until: datetime) -> Delivery:
    """Its slot in the rate limit begins at ``until``: a message comes then, and is watched."""
    return replace(
        delivery,
        next_attempt_at=until,
        waiting=OnTheClock(until + LEASE),
        ticket=delivery.ticket + 1,
        timer=None,
        spaced_by="rate_limit",
    )


def release(delivery: Delivery, now: datetime, *, probe: bool = False) -> Delivery:
    """Time for its attempt: a message is about to be sent, and is watched from ``now`` on.

    A probe whose message got lost goes on as an ordinary attempt: by now another may be the probe.
    """
    trigger = _ordinary(delivery.trigger)
    waited_on_webhook = isinstance(delivery.waiting, OnItsWebhook)
    return replace(
        delivery,
        waiting=OnTheClock(now + LEASE),
        trigger="probe" if probe else trigger,
        timer=None,
        next_attempt_at=now if waited_on_webhook else delivery.next_attempt_at,
    )


def asks_after(delivery: Delivery) -> timedelta:
    """How long the replacement of a lost message waits.

    A result that the queue carries comes first. A parked delivery has no such result: what was
    watched for was its own time.
    """
    watched = delivery.waiting is not None and delivery.waiting.due_at != delivery.next_attempt_at
    return 2 * RIDES_EVERY if watched else timedelta()


def _ordinary(trigger: Trigger) -> Trigger:
    return "schedule" if trigger == "probe" else trigger


def may_have_copies(delivery: Delivery, now: datetime) -> bool:
    """Whether its message is so late that a replacement may be on its way too."""
    return now >= (delivery.next_attempt_at or delivery.created_at) + _ALONE_FOR


def claim(delivery: Delivery, message_id: str, now: datetime) -> Delivery:
    """This message alone makes the attempt; watched from ``now`` on, in case its sender dies."""
    return replace(delivery, waiting=OnTheClock(now + LEASE), timer=message_id)


def unclaim(delivery: Delivery) -> Delivery:
    """The message it was claimed by is about to be replaced."""
    return replace(delivery, timer=None)


def resume(delivery: Delivery, now: datetime) -> Delivery:
    """No longer held by its webhook, but not due yet: it waits for its own time."""
    due = delivery.waiting.due_at if delivery.waiting else now
    return replace(delivery, waiting=OnTheClock(due), next_attempt_at=due)


def watch(delivery: Delivery, now: datetime) -> Delivery:
    """The message of its first attempt seems lost: the scheduler's next round releases it."""
    return replace(delivery, waiting=OnTheClock(now))
