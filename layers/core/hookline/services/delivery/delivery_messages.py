"""Messages of the delivery and retry queues, and what can come of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookline.domain.delivery.delivery import Attempt, Delivery, DeliveryTask

_MOST_RECEIVES = 500
"""A message received so often is replaced by a fresh one: a queue sets aside what comes back too
often (maxReceiveCount, 1,000 at most), and each wait of a fast retry policy is one receive."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message. ``may_hide``: its queue holds waits, so it may be hidden until it is due.

    ``pulled``: the invocation has received it by itself, so nobody else deletes it.
    """

    id: str
    receipt: str
    task: DeliveryTask
    receives: int
    may_hide: bool
    pulled: bool = False

    @property
    def hideable(self) -> bool:
        """Whether the message itself can time an attempt."""
        return self.may_hide and self.receives < _MOST_RECEIVES


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The message has done its work."""


@dataclass(frozen=True, slots=True)
class HideUntil:
    """The message itself shall come back at ``due``."""

    due: datetime


@dataclass(frozen=True, slots=True)
class SendInstead:
    """Another message shall come at ``due``, and this one be acknowledged."""

    task: DeliveryTask
    due: datetime


@dataclass(frozen=True, slots=True)
class LeaveIt:
    """Nothing is proved: the message comes back when its queue says so."""


Then = Acknowledge | HideUntil | SendInstead | LeaveIt


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of one message. ``outcome`` is a word for the log, ``detail`` says more.

    ``trace_id`` is that of the event that an attempt was about.
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
    """What else waits in the queue that an invocation was begun for."""

    def receive(self, limit: int) -> Sequence[Received]:
        """What is there now. Raises Unavailable."""
        ...

    def delete(self, receipts: Sequence[str]) -> None:
        """Those that have done their work; never raises."""
        ...


def come_back(message: Received, task: DeliveryTask, due: datetime) -> HideUntil | SendInstead:
    """How a message comes back at ``due``: itself, or another with ``task`` in its place."""
    return HideUntil(due) if message.hideable else SendInstead(task, due)
