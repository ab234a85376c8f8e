"""Whose turn comes first in a round that may run out of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_GOLDEN = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio."""


@dataclass(frozen=True, slots=True)
class Share:
    """One share of a round's work; each is done by a different worker."""

    number: int = 0
    of: int = 1

    def has(self, name: str) -> bool:
        """Whether the thing of this name belongs to the share."""
        return self.of == 1 or crc32(name.encode()) % self.of == self.number


ALL = Share()
"""All of the work, undivided."""


def rotated[One](everybody: Sequence[One], now: datetime, every: timedelta) -> Sequence[One]:
    """Everybody in order, starting elsewhere in each round; there is one round per ``every``.

    Nobody waits for long: rounds that get to k of n reach all n within 2n/k rounds, whatever k is
    and wherever they begin; no order could need fewer than n/k. Each round begins 1/golden ratio of
    the circle further on. The starts of N rounds in a row leave no gap of phi^3/sqrt(5)/N of the
    circle, which is less than 1.9/N (three-distance theorem: V. T. Sós, 1958), and a round covers
    k/n of it. A missed round counts as one that reached nobody; somebody who joins or leaves moves
    the others by one place.
    """
    turn = (now - _EPOCH) // every
    start = (turn * _GOLDEN) % 2**64 * len(everybody) >> 64
    return [*everybody[start:], *everybody[:start]]
