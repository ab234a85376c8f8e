"""What paces deliveries needs from outside: the scheduler's bookmarks, and slots of rate limits.

As with `hookline.ports`: a method does all it says, or raises `hookline.errors.Unavailable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hookline.domain.ids import EventId, TenantId, WebhookId


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the sweep has come through a tenant's fan-outs: the last one it is done with.

    ``rewinds`` counts how often it was set back, so that a move that began before is noticed.
    """

    accepted_at: datetime
    event_id: EventId
    rewinds: int = 0


class Bookmarks(Protocol):
    """One bookmark a tenant, moved by compare and set."""

    def get(self, tenant: TenantId) -> Bookmark | None: ...

    def move(self, tenant: TenantId, before: Bookmark | None, after: Bookmark) -> bool:
        """Forward, past what has been swept; False when it was moved by somebody else."""
        ...

    def rewind(self, tenant: TenantId, to: Bookmark) -> None:
        """Back to ``to`` where the bookmark is beyond it or there is none.

        A move under way fails in any case, one from no bookmark too. For a fan-out that comes so
        late that the sweep may just be passing its place. ``to.rewinds`` does not count.
        """
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
