"""Quotas: how much a tenant may do in each window of time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(seconds=10)
"""Long enough that one write covers many events, short enough that waiting it out is no outage."""

_BLOCK_SHARE = 20
"""A process draws a twentieth of a window at once: that is the write for so many events."""

_FREE_SHARE = 100
"""A process lets a hundredth of a window through without asking: a quiet tenant writes nothing."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``per_second`` on average over each `WINDOW`, bursts within it included."""

    per_second: int

    @property
    def per_window(self) -> int:
        """What all processes together may allot in one window."""
        return self.per_second * int(WINDOW.total_seconds())

    @property
    def block(self) -> int:
        """What a process draws at once, at least."""
        return max(1, self.per_window // _BLOCK_SHARE)

    @property
    def free(self) -> int:
        """What each process may spend in a window without drawing; none where it would matter."""
        return self.per_window // _FREE_SHARE


@dataclass(frozen=True, slots=True)
class Share:
    """What one process holds for one tenant in one window."""

    window: int
    granted: int
    spent: int = 0

    @property
    def left(self) -> int:
        """What may still be spent without drawing more."""
        return self.granted - self.spent


def window_of(now: datetime) -> int:
    """The number of the window that ``now`` falls into."""
    return int(now.timestamp() // WINDOW.total_seconds())


def end_of(window: int) -> datetime:
    """When the window is over."""
    return datetime.fromtimestamp((window + 1) * WINDOW.total_seconds(), UTC)


def seconds_until_next(now: datetime) -> int:
    """Whole seconds after which the next window has begun, at least 1: a Retry-After."""
    left = end_of(window_of(now)) - now
    return max(1, math.ceil(left.total_seconds()))
