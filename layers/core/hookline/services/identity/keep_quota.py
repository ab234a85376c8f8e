"""Keeps a tenant within its quota per window, across all processes, without a write per event."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.ids import TenantId
from hookline.errors import TooManyRequests
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.ports.requests import Allotments

WINDOW = timedelta(seconds=10)
"""Long enough for one write to cover many events, short enough that waiting for the next one is
no outage."""

_BLOCK_SHARE = 20
"""A process draws a twentieth of a window at once: one write for so many events."""

_FREE_SHARE = 100
"""A process allows a hundredth of a window without asking: a quiet tenant writes nothing."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``per_second`` on average over each `WINDOW`, in which bursts are allowed."""

    per_second: int

    @property
    def per_window(self) -> int:
        """What all processes together may draw in one window."""
        return self.per_second * int(WINDOW.total_seconds())

    @property
    def block(self) -> int:
        """The least that a process draws at once."""
        return max(1, self.per_window // _BLOCK_SHARE)

    @property
    def free(self) -> int:
        """What each process may spend in a window without drawing; nothing for small quotas."""
        return self.per_window // _FREE_SHARE


@dataclass(frozen=True, slots=True)
class Share:
    """What one process has drawn for one tenant in one window."""

    window: int
    granted: int
    spent: int = 0

    @property
    def left(self) -> int:
        """What can still be spent without drawing more."""
        return self.granted - self.spent


def window_of(now: datetime) -> int:
    """The number of the window that ``now`` falls into."""
    return int(now.timestamp() // WINDOW.total_seconds())


def end_of(window: int) -> datetime:
    """When the window is over."""
    return datetime.fromtimestamp((window + 1) * WINDOW.total_seconds(), UTC)


def seconds_until_next(now: datetime) -> int:
    """Whole seconds until the next window has begun, at least 1: a Retry-After."""
    left = end_of(window_of(now)) - now
    return max(1, math.ceil(left.total_seconds()))


_TENANTS = 10_000
_SLACK = timedelta(seconds=60)
"""How long a counter outlives its window, for processes whose clocks are behind."""


class KeepQuota:
    """Counts what each tenant does and refuses what exceeds its quota.

    A process spends a small free share first, then draws blocks from the tenant's counter for the
    window. What it drew and did not spend is lost with the window: a tenant may be refused one
    block early for each process that serves it, but is never served more than its quota and the
    free shares.
    """

    def __init__(self, *, allotments: Allotments, quota: Quota, name: str, clock: Clock) -> None:
        """``name`` separates this quota's counters from others', such as ``publish``."""
        self._allotments = allotments
        self._quota = quota
        self._name = name
        self._clock = clock
        self._shares = BoundedCache[TenantId, Share](size=_TENANTS, lifetime=WINDOW, clock=clock)
        self._used_up = BoundedCache[TenantId, int](size=_TENANTS, lifetime=WINDOW, clock=clock)
        self._lock = Lock()

    def __call__(self, tenant: TenantId, amount: int = 1) -> None:
        """Spends ``amount``. Raises TooManyRequests, with the seconds to the next window.

        More than a whole window's quota takes all of one: it could never pass otherwise.
        """
        with self._lock:  # events of a batch are published side by side
            self._spend(tenant, min(amount, self._quota.per_window))

    def _spend(self, tenant: TenantId, amount: int) -> None:
        now = self._clock()
        window = window_of(now)
        share = self._share(tenant, window)
        if share.left < amount:
            share = self._draw(tenant, share, amount - share.left)
        if share.left < amount:
            raise TooManyRequests(
                f"The tenant's quota is {self._quota.per_second} a second.",
                seconds_until_next(now),
            )
        self._shares.put(tenant, Share(window, share.granted, share.spent + amount))

    def _share(self, tenant: TenantId, window: int) -> Share:
        share = self._shares.get(tenant)
        if share is None or share.window != window:
            return Share(window, self._quota.free)
        return share

    def _draw(self, tenant: TenantId, share: Share, missing: int) -> Share:
        if self._used_up.get(tenant) == share.window:
            return share  # nothing is left in this window: no write is needed to learn that
        counter = f"{tenant}#{self._name}#{share.window}"
        expires_at = end_of(share.window) + _SLACK
        limit = self._quota.per_window
        for amount in sorted({max(missing, self._quota.block), missing}, reverse=True):
            if self._allotments.draw(counter, amount, limit, expires_at):
                return Share(share.window, share.granted + amount, share.spent)
        if missing == 1:
            self._used_up.put(tenant, share.window)
        return share
