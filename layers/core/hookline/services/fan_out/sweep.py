"""Walks over past fan-outs, and mends what a crash or a lost message left undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Progress
from hookline.domain.delivery.rotation import rotated
from hookline.domain.fan_out.fan_out import FanOut, delivery_key_of
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.ports import Clock
from hookline.ports.deliveries import Deliveries
from hookline.ports.events import Bookmark, Bookmarks, FanOuts
from hookline.ports.identity import Tenants
from hookline.services.fan_out.chunks import ChunkDone, MendChunk
from hookline.services.waiting.round_robin import Failure, RoundRobin, every_tenant

_PAGE = 100
_AT_ONCE = 1_000
"""Deliveries looked at before the time is asked for again: ten reads."""

_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """So many deliveries were mended; ``failed`` are the tenants that could not be swept."""

    mended: int
    failed: Sequence[Failure] = ()


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
        deliveries: Deliveries,
        mend_chunk: MendChunk,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._fan_outs = fan_outs
        self._bookmarks = bookmarks
        self._deliveries = deliveries
        self._mend_chunk = mend_chunk
        self._clock = clock

    def __call__(self, run: str, has_time: Callable[[], bool]) -> Swept:
        """Each tenant has a page of its fan-outs looked at, then the next one. Raises Unavailable.

        A round that has no time for all tenants begins the next one with other tenants.
        """
        circle = rotated(list(every_tenant(self._tenants)), self._clock(), _EVERY)
        round_robin = RoundRobin(has_time)
        mended = sum(round_robin(circle, lambda tenant: self._pages(tenant, run, has_time)))
        return Swept(mended, round_robin.failed)

    def _pages(self, tenant: TenantId, run: str, has_time: Callable[[], bool]) -> Iterator[int]:
        """How many deliveries of each page were mended."""
        bookmark = self._bookmarks.get(tenant)
        goes_on = True
        while goes_on:
            bookmark, mended, goes_on = self._page(tenant, bookmark, run, has_time)
            yield mended

    def _page(
        self, tenant: TenantId, bookmark: Bookmark | None, run: str, has_time: Callable[[], bool]
    ) -> tuple[Bookmark | None, int, bool]:
        """Where the bookmark is now, how many were mended, and whether the tenant goes on."""
        now = self._clock()
        records, more = self._fan_outs.page(
            tenant,
            _PAGE,
            newest_first=False,
            after=(bookmark.accepted_at, bookmark.event_id) if bookmark else None,
            until=now - LEASE,
        )
        done, mended = self._records(records, run, now, has_time)
        if done:
            last, rewinds = records[done - 1], bookmark.rewinds if bookmark else 0
            reached = Bookmark(last.accepted_at, last.event_id, rewinds)
            if not self._bookmarks.move(tenant, bookmark, reached):
                # Set back, or another round is ahead: the next one goes on from there.
                return bookmark, mended, False
            bookmark = reached
        return bookmark, mended, more is not None and done == len(records)

    def _records(
        self, records: Sequence[FanOut], run: str, now: datetime, has_time: Callable[[], bool]
    ) -> tuple[int, int]:
        """How many are done with, up to the first that is somebody's or that there is no time for.

        Then how many deliveries were mended.
        """
        done = mended = 0
        for some in _slices(records):
            if not has_time():
                break
            suspects = self._suspects(some)
            for number, record in enumerate(some):
                if record.claimed_at + LEASE > now:
                    return done, mended
                own = [0] if number in suspects else []
                for chunk in (*own, *range(1, record.further_chunks + 1)):
                    outcome = self._mend_chunk(record, chunk, run) if has_time() else None
                    if not isinstance(outcome, ChunkDone):
                        return done, mended
                    mended += outcome.mended
                done += 1
        return done, mended

    def _suspects(self, records: Sequence[FanOut]) -> set[int]:
        """Which records' own chunks are not all created and attempted or waited for."""
        expected = [
            (number, delivery_key_of(record, match.webhook_id))
            for number, record in enumerate(records)
            for match in record.matches
        ]
        there = self._deliveries.progress([key for _, key in expected]) if expected else {}
        return {number for number, key in expected if there.get(key) is not Progress.UNDER_WAY}


def _slices(records: Sequence[FanOut]) -> Iterator[Sequence[FanOut]]:
    """The records in order, as many together as have `_AT_ONCE` deliveries; at least one."""
    some: list[FanOut] = []
    deliveries = 0
    for record in records:
        if some and deliveries + len(record.matches) > _AT_ONCE:
            yield some
            some, deliveries = [], 0
        some.append(record)
        deliveries += len(record.matches)
    if some:
        yield some
