"""The shards of hot keys: how many partitions share a webhook's log, or a tenant's fan-outs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zlib import crc32

from hookline.domain.ids import instant_of
from hookline.domain.times import from_iso

MOST_SHARDS = 64

_STEP = re.compile(r"(\d{1,2})@(\d{4}-\d\d-\d\dT\d\d:\d\dZ)")


@dataclass(frozen=True, slots=True)
class Shards:
    """Counts, each with the instant from which on it holds, in order; before the first it is one.

    What is written has its shard for good: by its time, which decides the step, and a hash of its
    id. Whoever has the same list finds it there, and a step that is appended changes nothing of
    what is older.
    """

    steps: tuple[tuple[datetime, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """``1``, or ``1,4@2026-12-01T12:00Z`` with further steps. Raises ValueError.

        It begins with 1 wherever anything may have been written before.
        """
        first, *later = (part.strip() for part in text.split(","))
        if first != "1":
            raise ValueError("does not begin with 1, which holds until the first step")
        steps = tuple(_step(part) for part in later)
        instants = [instant for instant, _ in steps]
        if instants != sorted(set(instants)):
            raise ValueError("has steps that are not in the order of their times")
        return cls(steps)

    @property
    def most(self) -> int:
        """The highest of all counts."""
        return max((count for _, count in self.steps), default=1)

    def at(self, instant: datetime) -> int:
        """How many there are for what is accepted then."""
        return next((count for since, count in reversed(self.steps) if since <= instant), 1)

    def between(self, since: datetime | None, until: datetime | None) -> int:
        """The highest count of any instant from ``since`` to ``until``, both included."""
        begins = [] if since is None else [self.at(since)]
        within = [
            count
            for instant, count in self.steps
            if (since is None or instant > since) and (until is None or instant <= until)
        ]
        return max([*begins, *within], default=1)

    def between_ids(self, low: str, high: str) -> int:
        """The same, by the times in two ids; what holds none is no bound."""
        return self.between(_instant(low), _instant(high)) if self.steps else 1

    def of(self, name: str, accepted_at: datetime) -> int:
        """The shard, from 0 on, of what has this id and was accepted then."""
        return crc32(name.encode()) % self.at(accepted_at) if self.steps else 0

    def of_id(self, any_id: str) -> int:
        """The shard of what has an id that holds its time; any other id is in the first."""
        instant = _instant(any_id) if self.steps else None
        return self.of(any_id, instant) if instant else 0

    def first_change_from(self, before: Shards) -> datetime | None:
        """The first instant for which the two lists differ; None if they do for none."""
        instants = sorted(since for since, _ in {*self.steps, *before.steps})
        return next((each for each in instants if self.at(each) != before.at(each)), None)


ONE = Shards()
"""No key has several."""


def _instant(any_id: str) -> datetime | None:
    try:
        return instant_of(any_id)
    except ValueError:
        return None


def _step(text: str) -> tuple[datetime, int]:
    found = _STEP.fullmatch(text)
    if found is None:
        raise ValueError(f"has {text!r}, which is no step such as 4@2026-12-01T12:00Z")
    count = int(found[1])
    if not 1 <= count <= MOST_SHARDS:
        raise ValueError(f"has {text!r}: a count is 1 to {MOST_SHARDS}")
    return from_iso(found[2]), count
