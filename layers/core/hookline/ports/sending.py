"""What a sender reads, and where what it sends next goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from hookline.domain.delivery.deciding import Snapshot
    from hookline.domain.delivery.delivery import DeliveryTask
    from hookline.domain.ids import TenantId, WebhookId


@dataclass(frozen=True, slots=True)
class Unread:
    """A throttled table has left out what this task needs: it can be had a little later."""


class Snapshots(Protocol):
    """Reads for a whole batch of tasks at once."""

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        """One for each task, in order, read consistently but for health, which may lag a moment."""
        ...


class MoreMessages(Protocol):
    """A queue that a function goes on receiving from, beside what it was invoked for."""

    def receive(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """What is there now, 10 at most, in the form in which Lambda hands messages over."""
        ...

    def delete(self, receipts: Sequence[str]) -> None:
        """Never raises: what could not be deleted comes again."""
        ...


class FirstAttempts(Protocol):
    """The delivery queue: first attempts, nothing hidden, fair between webhooks."""

    def send(self, tasks: Sequence[DeliveryTask], *, crowd: bool = False) -> None:
        """A ``crowd`` is of one event for many webhooks: it is fair between tenants then.

        One message for each of so many webhooks, each would have its turn before the next message
        of anybody else's.
        """
        ...


class RetryTimers(Protocol):
    """The retry queue: each message comes back when its wait is over."""

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None: ...

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        """Hides received messages, by receipt handle, for so long; answers those it could not."""
        ...


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries."""

    def send(self, task: DeliveryTask, reason: str) -> None: ...
    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        """Each task with its reason; some may have been sent when it raises."""
        ...

    def set_aside(self, body: str, reason: str) -> None:
        """A message that cannot be processed, as it came."""
        ...


@dataclass(frozen=True, slots=True)
class Slots:
    """So many slots in a row, from ``first`` on, one every 1 / per_second seconds."""

    first: datetime
    count: int


class RateLimits(Protocol):
    """Hands out the slots of a webhook's rate limit to all senders and the scheduler together."""

    def book(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        *,
        wanted: int,
        per_second: float,
        now: datetime,
        horizon: timedelta,
    ) -> Slots:
        """Up to ``wanted`` slots that begin before ``now`` + ``horizon``, none before ``now``.

        A slot is gone once booked. A lost reply books again: slower for a moment, never faster.
        """
        ...
