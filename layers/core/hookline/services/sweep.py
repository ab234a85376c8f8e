"""Walks over past fan-outs, and mends what a crash or a lost message left undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.fan_out import FanOut, delivery_of
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.domain.turns import in_turn
from hookline.ports import Clock, FanOuts, NewDeliveries
from hookline.ports_identity import Tenants
from hookline.ports_pacing import Bookmark, Bookmarks
from hookline.services.create_chunk import ChunkDone, CreateChunk, unattempted
from hookline.services.every_tenant import every_tenant
from hookline.services.turns import Failed, Turns

_PAGE = 100
_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """So many deliveries were mended; ``failed`` are the tenants that could not be swept."""

    mended: int
    failed: Sequence[Failed] = ()


class Sweep:
    """Looks at each fan-out once, one lease after it was claimed.

    By then its deliveries exist, and each has been attempted or is waiting somewhere; those that
    are not are put on the clock, where they are found for good. What comes so late that the walk
    has passed its place sets the bookmark back.
    """

    def __init__(
        self,
        *,
        tenants: Tenants,
        fan_outs: FanOuts,
        bookmarks: Bookmarks,
        deliveries: NewDeliveries,
        create_chunk: CreateChunk,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._fan_outs = fan_outs
        self._bookmarks = bookmarks
        self._deliveries = deliveries
        self._create_chunk = create_chunk
        self._clock = clock

    def __call__(self, run: str, has_time: Callable[[], bool]) -> Swept:
        """Each tenant has a page of its fan-outs looked at, then the next one. Raises Unavailable.

        A round that has no time for all tenants begins the next one with other tenants.
        """
        circle = in_turn(list(every_tenant(self._tenants)), self._clock(), _EVERY)
        turns = Turns(has_time)
        mended = sum(turns(circle, lambda tenant: self._pages(tenant, run)))
        return Swept(mended, turns.failed)

    def _pages(self, tenant: TenantId, run: str) -> Iterator[int]:
        """How many deliveries of each page were mended."""
        bookmark = self._bookmarks.get(tenant)
        while True:
            now = self._clock()
            records, more = self._fan_outs.page(
                tenant,
                _PAGE,
                newest_first=False,
                after=(bookmark.accepted_at, bookmark.event_id) if bookmark else None,
                until=now - LEASE,
            )
            done, mended = self._records(records, run, now)
            if done:
                rewinds = bookmark.rewinds if bookmark else 0
                reached = Bookmark(done[-1].accepted_at, done[-1].event_id, rewinds)
                if not self._bookmarks.move(tenant, bookmark, reached):
                    more = None  # set back, or another round is ahead: the next one goes on there
                bookmark = reached
            yield mended
            if more is None or len(done) < len(records):
                return

    def _records(
        self, records: Sequence[FanOut], run: str, now: datetime
    ) -> tuple[Sequence[FanOut], int]:
        """Those done with, up to the first that is still somebody's, and how many were mended."""
        suspects = self._suspects(records)
        mended = 0
        for number, record in enumerate(records):
            if record.claimed_at + LEASE > now:
                return records[:number], mended
            chunks = [0] if number in suspects else []
            for chunk in (*chunks, *range(1, record.further_chunks + 1)):
                outcome = self._create_chunk.mend(record, chunk, run)
                if not isinstance(outcome, ChunkDone):
                    return records[:number], mended
                mended += outcome.mended
        return records, mended

    def _suspects(self, records: Sequence[FanOut]) -> set[int]:
        """Which records' own chunks are not all created and attempted or waited for."""
        expected = [
            (number, delivery_of(record, match))
            for number, record in enumerate(records)
            for match in record.matches
        ]
        keys = [delivery.key for _, delivery in expected]
        there = self._deliveries.get_many(keys) if keys else {}
        return {
            number
            for number, delivery in expected
            if unattempted(there.get(delivery.key) or delivery)
        }
