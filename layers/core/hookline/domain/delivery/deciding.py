"""What to do about a queue message, as things stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.changing import cancel, end, expire, hold, new_generation, too_old
from hookline.domain.delivery.delivery import Delivery, DeliveryTask, OnItsWebhook, Status, Trigger
from hookline.domain.event.event import Event
from hookline.domain.webhook.health import Circuit, Health, Open, still_probes
from hookline.domain.webhook.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Ignore:
    """The message is out of date: acknowledge it and do nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hide:
    """The attempt is not due: hide the message for ``wait``."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Hold:
    """The delivery waits on its webhook: store ``after``, acknowledge the message."""

    after: Delivery


@dataclass(frozen=True, slots=True)
class End:
    """The delivery ends without another attempt: store ``after``, acknowledge the message.

    ``dead_letter_reason`` is None if a redrive could not help.
    """

    after: Delivery
    dead_letter_reason: str | None


@dataclass(frozen=True, slots=True)
class PutBack:
    """A redriven dead letter that cannot be attempted now: it stays a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class Make:
    """Make an attempt of ``delivery``: the stored one, or its new generation for a redrive."""

    delivery: Delivery
    webhook: Webhook
    event: Event


_PAST_THE_CIRCUIT: frozenset[Trigger] = frozenset({"probe", "retry"})
"""These are attempted at once: whoever asks for them has already considered circuit and time."""

Decision = Ignore | Hide | Hold | End | PutBack | Make


def decide(task: DeliveryTask, message_id: str, snapshot: Snapshot, now: datetime) -> Decision:
    """What to do about a message that asks for an attempt."""
    delivery, webhook, event = snapshot.delivery, snapshot.webhook, snapshot.event
    asked_for = None if delivery is None else delivery_asked_for(task, message_id, delivery)
    if asked_for is None:
        return Ignore("the message is out of date" if delivery else "the delivery is gone")
    if task.redriven:
        return _decide_redriven(asked_for, webhook, event)
    if webhook is None:
        return End(cancel(asked_for, now), dead_letter_reason=None)
    if event is None:
        return End(
            end(asked_for, Status.FAILED, now, "its event has expired"), dead_letter_reason=None
        )
    if too_old(asked_for, now):
        after = expire(asked_for, now)
        return End(after, dead_letter_reason=after.failure_reason)
    if isinstance(asked_for.waiting, OnItsWebhook):
        # Whoever releases it, once it is due, sends a message for it.
        return Ignore("it waits on its webhook already")
    if _held_by(webhook, snapshot.health.circuit, asked_for, now):
        return Hold(hold(asked_for, snapshot.health.circuit))
    early = _early(asked_for, now)
    return Hide(early) if early else Make(asked_for, webhook, event)


def delivery_asked_for(task: DeliveryTask, message_id: str, delivery: Delivery) -> Delivery | None:
    """The delivery to attempt; None when the message is out of date.

    Generation, sequence and ticket fence it. A message that is hidden from one attempt to the next
    carries the sequence of the first: the delivery then knows it by its id, as it knows one that
    has claimed the attempt, and no other message counts. A result that a message carries counts
    whoever brings it.
    """
    if task.generation != delivery.generation:
        return None
    if task.redriven:
        if delivery.status is not Status.FAILED:
            return None
        return new_generation(delivery, last_shot=True)
    if delivery.status.ended:
        return None
    if task.made is not None:
        return delivery if task.sequence == delivery.sequence else None
    if delivery.timer is not None:
        return delivery if message_id == delivery.timer else None
    asked = (task.sequence, task.ticket, task.trigger)
    in_turn = asked == (delivery.sequence, delivery.ticket, delivery.trigger)
    return delivery if in_turn else None


def _decide_redriven(asked_for: Delivery, webhook: Webhook | None, event: Event | None) -> Decision:
    if webhook is None:
        return Ignore("its webhook is deleted")
    if event is None:
        return Ignore("its event has expired")
    if not webhook.enabled:
        return PutBack("redriven while its webhook was off")
    return Make(asked_for, webhook, event)


def _held_by(webhook: Webhook, circuit: Circuit, delivery: Delivery, now: datetime) -> bool:
    return not webhook.enabled or (
        isinstance(circuit, Open) and not _passes(circuit, delivery, now)
    )


def _passes(circuit: Open, delivery: Delivery, now: datetime) -> bool:
    if delivery.trigger == "probe":
        return still_probes(circuit, delivery.next_attempt_at or delivery.created_at, now)
    return delivery.trigger in _PAST_THE_CIRCUIT


def _early(delivery: Delivery, now: datetime) -> timedelta | None:
    due = delivery.next_attempt_at
    if due is None or due <= now or delivery.trigger in _PAST_THE_CIRCUIT:
        return None
    return due - now


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A delivery with its webhook, that one's health and its event; None for what is gone."""

    delivery: Delivery | None
    webhook: Webhook | None
    health: Health
    event: Event | None
