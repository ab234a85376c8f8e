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
    """A throttled table left out what this task needs: try again a little later."""


class Snapshots(Protocol):
    """Reads for a whole batch of tasks at once."""

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        """One for each task, in order; consistent except for health, which may lag a moment."""
        ...


class MoreMessages(Protocol):
    """A queue from which a function receives more than it was invoked for."""

    def receive(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """At most 10 messages that are there now, in the form in which Lambda passes them."""
        ...

    def delete(self, receipts: Sequence[str]) -> None:
        """Never raises: a message that could not be deleted comes again."""
        ...


class FirstAttempts(Protocol):
    """The delivery queue: first attempts, nothing hidden, fair between webhooks."""

    def send(self, tasks: Sequence[DeliveryTask], *, crowd: bool = False) -> None:
        """A ``crowd`` is one event for many webhooks: it is then fair between tenants.

        With a turn for each of so many webhooks, the next message of anybody else would wait for
        all.
        """
        ...


class RetryTimers(Protocol):
    """The retry queue: each message comes back when its wait is over."""

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None: ...

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        """Hides received messages, by receipt handle, for these times; returns the others."""
        ...


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries."""

    def send(self, task: DeliveryTask, reason: str) -> None: ...
    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        """Each task with its reason; some may have been sent when it raises."""
        ...

    def set_aside(self, body: str, reason: str) -> None:
        """Sends a message that cannot be processed, as it came."""
        ...


@dataclass(frozen=True, slots=True)
class Slots:
    """``count`` slots in a row, from ``first`` on, one every 1 / per_second seconds."""

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
