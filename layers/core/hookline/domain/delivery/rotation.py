"""Who comes first in a round that may not get to everybody."""

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
    """One of so many shares of a round's work, each of which is worked on by itself."""

    number: int = 0
    of: int = 1

    def has(self, name: str) -> bool:
        """Whether what is called so is in this share."""
        return self.of == 1 or crc32(name.encode()) % self.of == self.number


ALL = Share()
"""All of the work, undivided."""


def rotated[One](everybody: Sequence[One], now: datetime, every: timedelta) -> Sequence[One]:
    """Everybody, in a circle that begins somewhere else in each round; there is one ``every`` span.

    Whoever waits does not wait for long: rounds that get to k of n reach all n within 2n/k rounds,
    whatever k is and wherever they begin; no order of any kind could need fewer than n/k. Each
    round begins 1/golden ratio of the circle further on. The starts of N rounds in a row leave no
    gap of phi^3/sqrt(5)/N of the circle, which is less than 1.9/N (three-distance theorem: V. T.
    Sós, 1958), and a round covers k/n of it. A round that is missed counts as one that got to
    nobody, and somebody who joins or leaves moves the others by one place.
    """
    turn = (now - _EPOCH) // every
    start = (turn * _GOLDEN) % 2**64 * len(everybody) >> 64
    return [*everybody[start:], *everybody[:start]]
