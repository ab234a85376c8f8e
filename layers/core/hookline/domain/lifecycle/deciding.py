"""What a queue message leads to, given how everything stands now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookline.domain.delivery import Delivery, DeliveryTask, OnItsWebhook, Status
from hookline.domain.health import Circuit, Open
from hookline.domain.lifecycle.changing import cancel, end, expire, hold, new_generation
from hookline.domain.snapshot import Snapshot
from hookline.domain.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Ignore:
    """The message is not about the delivery as it stands: acknowledge it, do nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hide:
    """The attempt's time has not come: the message shall come back after ``wait``."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Hold:
    """The delivery waits on its webhook: put ``after``, acknowledge the message."""

    after: Delivery


@dataclass(frozen=True, slots=True)
class End:
    """The delivery is over without a further attempt: put ``after``, acknowledge the message.

    ``letter`` is the reason to dead-letter it for, None where redriving it could not help.
    """

    after: Delivery
    letter: str | None


@dataclass(frozen=True, slots=True)
class PutBack:
    """A redriven dead letter that cannot be attempted now: it shall stay a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class Make:
    """Make an attempt of ``delivery``: the stored one, or its new generation for a redrive."""

    delivery: Delivery


Decision = Ignore | Hide | Hold | End | PutBack | Make


def decide(task: DeliveryTask, message_id: str, now_is: Snapshot, now: datetime) -> Decision:
    """What to do about a message that asks for an attempt."""
    delivery, webhook = now_is.delivery, now_is.webhook
    if delivery is None:
        return Ignore("the delivery is gone")
    basis = basis_of(task, message_id, delivery, now)
    if basis is None:
        return Ignore("the message is out of date")
    if task.redriven:
        return _decide_redriven(basis, now_is)
    if webhook is None:
        return End(cancel(basis, now), letter=None)
    if now_is.event is None:
        return End(end(basis, Status.FAILED, now, "its event has expired"), letter=None)
    if _too_old(basis, now):
        after = expire(basis, now)
        return End(after, letter=after.failure_reason)
    return _wait_or_make(basis, webhook, now_is.health.circuit, now)


def basis_of(
    task: DeliveryTask, message_id: str, delivery: Delivery, now: datetime
) -> Delivery | None:
    """The delivery that the message asks an attempt of; None when it is out of date.

    Generation and sequence fence it. A message hidden from attempt to attempt carries the sequence
    of the first one: the delivery then knows it by its id.
    """
    if task.generation != delivery.generation:
        return None
    if task.redriven:
        if delivery.status is not Status.FAILED:
            return None
        return replace(new_generation(delivery, now, last_shot=True), next_attempt_at=None)
    if delivery.status.ended:
        return None
    in_turn = task.sequence == delivery.sequence and task.trigger == delivery.trigger
    return delivery if in_turn or message_id == delivery.timer else None


def _decide_redriven(basis: Delivery, now_is: Snapshot) -> Decision:
    if now_is.webhook is None:
        return Ignore("its webhook is deleted")
    if now_is.event is None:
        return Ignore("its event has expired")
    if not now_is.webhook.enabled:
        return PutBack("redriven while its webhook was off")
    return Make(basis)


def _wait_or_make(
    delivery: Delivery, webhook: Webhook, circuit: Circuit, now: datetime
) -> Decision:
    past_the_circuit = delivery.trigger in ("probe", "retry")
    if not webhook.enabled or (isinstance(circuit, Open) and not past_the_circuit):
        if isinstance(delivery.waiting, OnItsWebhook):
            return Ignore("it waits on its webhook already")
        return Hold(hold(delivery, circuit))
    due = delivery.next_attempt_at
    if due is not None and now < due and not past_the_circuit:
        return Hide(due - now)
    return Make(delivery)


def _too_old(delivery: Delivery, now: datetime) -> bool:
    """A user's retry is made even so, and so is an attempt that decides alone."""
    spared = delivery.last_shot or delivery.trigger == "retry"
    return now >= delivery.expires_at and not spared
