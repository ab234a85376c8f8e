"""Messages of the delivery and retry queues: what to read for them, what to tell the queues."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import Attempt, Delivery, DeliveryTask
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.sending import RetryTimers, Snapshots, Unread

_MOST_RECEIVES = 500
"""After so many receives a message is replaced by a new one: a queue moves what was received too
often to its dead-letter queue (maxReceiveCount, 1,000 at most), and each wait is one receive."""

_AGAIN_AFTER = timedelta(seconds=5)
"""When to try again what a throttled table did not return."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message. ``may_hide``: it is of the retry queue, where messages may wait hidden.

    ``pulled``: this code received it, not Lambda, and so has to delete it.
    """

    id: str
    receipt: str
    task: DeliveryTask
    receives: int
    may_hide: bool
    pulled: bool = False

    @property
    def hideable(self) -> bool:
        """Whether it may wait for its next attempt by its visibility timeout."""
        return self.may_hide and self.receives < _MOST_RECEIVES


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Delete the message: its work is done."""


@dataclass(frozen=True, slots=True)
class HideUntil:
    """Hide the message until ``due``."""

    due: datetime


@dataclass(frozen=True, slots=True)
class SendInstead:
    """Send another message for ``due``, and acknowledge this one."""

    task: DeliveryTask
    due: datetime


@dataclass(frozen=True, slots=True)
class LeaveIt:
    """Leave the message: it comes back after its queue's visibility timeout."""


Then = Acknowledge | HideUntil | SendInstead | LeaveIt


@dataclass(frozen=True, slots=True)
class Handled:
    """The result of one message. ``outcome`` is a word for the log, ``detail`` says more.

    ``trace_id`` is the event's, where an attempt was made.
    """

    message: Received
    outcome: str
    then: Then
    detail: str | None = None
    delivery: Delivery | None = None
    attempt: Attempt | None = None
    error: Exception | None = None
    trace_id: str | None = None


class Inbox(Protocol):
    """More messages of the queue that the invocation was started for."""

    def receive(self, limit: int) -> Sequence[Received]:
        """Messages that are there now. Raises Unavailable."""
        ...

    def delete(self, receipts: Sequence[str]) -> None:
        """Deletes messages whose work is done; never raises."""
        ...


def come_back(message: Received, task: DeliveryTask, due: datetime) -> HideUntil | SendInstead:
    """How to try again at ``due``: by this message, or by a new one with ``task`` in its place."""
    return HideUntil(due) if message.hideable else SendInstead(task, due)


class Timing:
    """Tells the queues the results, as many in one call as there are."""

    def __init__(self, timers: RetryTimers, inbox: Inbox, clock: Clock) -> None:
        self._timers = timers
        self._inbox = inbox
        self._clock = clock

    def needed(self, one: Handled) -> bool:
        """Whether this result needs a call to a queue."""
        match one.then:
            case Acknowledge():
                return one.message.pulled
            case LeaveIt():
                return False
            case _:
                return True

    def __call__(self, handled: Sequence[Handled]) -> Sequence[Handled]:
        """The same results; a message that was replaced is acknowledged."""
        told = self._sent(handled)
        self._hide(told)
        done = [
            one.message.receipt
            for one in told
            if one.message.pulled and isinstance(one.then, Acknowledge)
        ]
        if done:
            with suppress(Unavailable):  # one that is left comes back, and is out of date then
                self._inbox.delete(done)
        return told

    def _hide(self, handled: Sequence[Handled]) -> None:
        now = self._clock()
        hides = [
            (one.message.receipt, max(one.then.due - now, timedelta()))
            for one in handled
            if isinstance(one.then, HideUntil)
        ]
        if hides:
            with suppress(Unavailable):  # one that is left comes back early, and is hidden then
                self._timers.extend(hides)

    def _sent(self, handled: Sequence[Handled]) -> Sequence[Handled]:
        now = self._clock()
        sends = [
            (one.then.task, max(one.then.due - now, timedelta()))
            for one in handled
            if isinstance(one.then, SendInstead)
        ]
        then: Then = Acknowledge()
        why = None
        try:
            if sends:
                self._timers.send(sends)
        except Unavailable as error:
            then, why = LeaveIt(), str(error)
        return [
            replace(one, then=then, detail=why or one.detail)
            if isinstance(one.then, SendInstead)
            else one
            for one in handled
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """``work``: messages with what was read for them. ``apart``: groups to be read separately."""

    work: Sequence[tuple[Received, Snapshot]] = ()
    handled: Sequence[Handled] = ()
    apart: Sequence[Sequence[Received]] = ()


class Reading:
    """Reads what messages are about, many in one call. Safe to share between threads."""

    def __init__(self, snapshots: Snapshots, clock: Clock) -> None:
        self._snapshots = snapshots
        self._clock = clock

    def again(self, message: Received) -> Snapshot:
        """What is stored now. Raises Unavailable."""
        (found,) = self._snapshots.load([message.task])
        if isinstance(found, Unread):
            raise Unavailable("throttled")
        return found

    def __call__(self, messages: Sequence[Received]) -> Found:
        """Where reading all together fails, they are to be read apart: only one may be broken."""
        try:
            found = self._snapshots.load([message.task for message in messages])
        except Unavailable as error:
            alone = _by_webhook(messages)
            if len(alone) > 1:
                return Found(apart=alone)
            return Found(
                handled=[Handled(one, "unavailable", LeaveIt(), str(error)) for one in messages]
            )
        except Exception as error:  # noqa: BLE001 - one broken item must not stop its batch
            if len(messages) > 1:
                return Found(apart=[[message] for message in messages])
            broken = Handled(messages[0], "broken", LeaveIt(), repr(error), error=error)
            return Found(handled=[broken])
        pairs = list(zip(messages, found, strict=True))
        soon = self._clock() + _AGAIN_AFTER
        return Found(
            work=[(message, one) for message, one in pairs if isinstance(one, Snapshot)],
            handled=[_unread(message, soon) for message, one in pairs if isinstance(one, Unread)],
        )


def _by_webhook(messages: Sequence[Received]) -> Sequence[Sequence[Received]]:
    groups: dict[object, list[Received]] = {}
    for message in messages:
        key = message.task.key
        groups.setdefault((key.tenant, key.webhook_id), []).append(message)
    return list(groups.values())


def _unread(message: Received, due: datetime) -> Handled:
    return Handled(message, "unread", come_back(message, message.task, due), "throttled")
