"""Walks over past fan-outs and mends what a crash or a lost message left undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Progress
from hookline.domain.delivery.rotation import ALL, Share, rotated
from hookline.domain.fan_out.fan_out import FanOut, FanOutTask, delivery_key_of
from hookline.domain.ids import EventId, TenantId
from hookline.domain.lease import LEASE
from hookline.ports import Clock
from hookline.ports.deliveries import Deliveries
from hookline.ports.events import Bookmark, Bookmarks, Events, FanOuts, FanOutSteps
from hookline.ports.identity import Tenants
from hookline.services.fan_out.chunks import ChunkDone, MendChunk, must_have_expired
from hookline.services.waiting.round_robin import Failure, RoundRobin, every_tenant

_PAGE = 100
_AT_ONCE = 1_000
"""Deliveries looked at between two looks at the clock: ten reads."""

_EVERY = timedelta(minutes=1)
_NOTHING = timedelta(0)

_MOST_ASIDE = 100
"""Large fan-outs of one tenant that the sweep has passed and will come back to."""

type _Place = tuple[datetime, EventId, int]


@dataclass(frozen=True, slots=True)
class Swept:
    """The number of mended deliveries; ``failed`` are the tenants that could not be swept.

    ``lag`` is how long ago the oldest fan-out that was not looked at should have been;
    ``cut_short`` if there was no time for all.
    """

    mended: int
    failed: Sequence[Failure] = ()
    lag: timedelta = _NOTHING
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step of a tenant's turn did, and how far behind the tenant is after it."""

    tenant: TenantId
    mended: int
    lag: timedelta = _NOTHING


class Sweep:
    """Looks at each fan-out once, one lease after it was claimed.

    By then its deliveries exist, and each was attempted or waits somewhere; those that do not are
    put on the clock, where they cannot get lost. A fan-out so late that the sweep has passed its
    place sets the bookmark back.
    """

    def __init__(
        self,
        *,
        tenants: Tenants,
        events: Events,
        fan_outs: FanOuts,
        bookmarks: Bookmarks,
        deliveries: Deliveries,
        mend_chunk: MendChunk,
        steps: FanOutSteps,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._events = events
        self._fan_outs = fan_outs
        self._bookmarks = bookmarks
        self._deliveries = deliveries
        self._mend_chunk = mend_chunk
        self._steps = steps
        self._clock = clock

    def __call__(self, run: str, has_time: Callable[[], bool], share: Share = ALL) -> Swept:
        """Looks at a page of each tenant's fan-outs, in turn. Raises Unavailable.

        A round that runs out of time starts with other tenants next time.
        """
        mine = [tenant for tenant in every_tenant(self._tenants) if share.has(tenant)]
        circle = rotated(mine, self._clock(), _EVERY)
        round_robin = RoundRobin(has_time)
        mended, lags = 0, dict[TenantId, timedelta]()
        for step in round_robin(circle, lambda tenant: self._turn(tenant, run, has_time)):
            mended += step.mended
            lags[step.tenant] = step.lag
        lag = max(lags.values(), default=_NOTHING)
        return Swept(mended, round_robin.failed, lag, cut_short=round_robin.cut_short)

    def _turn(self, tenant: TenantId, run: str, has_time: Callable[[], bool]) -> Iterator[_Step]:
        """First the small fan-outs, page by page, then those put aside, chunk by chunk."""
        bookmark = self._bookmarks.get(tenant)
        goes_on = True
        while goes_on:
            bookmark, step, goes_on = self._page(tenant, bookmark, run, has_time)
            yield step
        for place in bookmark.aside if bookmark else ():
            here = place
            for chunk, mended in self._large(tenant, place, run):
                if bookmark is None:
                    return  # another round moved it
                here, bookmark = self._put_aside(tenant, bookmark, here, chunk)
                lag = self._clock() - LEASE - here[0] if chunk else _NOTHING
                yield _Step(tenant, mended, lag)

    def _page(
        self, tenant: TenantId, bookmark: Bookmark | None, run: str, has_time: Callable[[], bool]
    ) -> tuple[Bookmark | None, _Step, bool]:
        """Where the bookmark is now, what was done, and whether the tenant goes on."""
        now = self._clock()
        records, more = self._fan_outs.page(
            tenant,
            _PAGE,
            newest_first=False,
            after=(bookmark.accepted_at, bookmark.event_id) if bookmark else None,
            until=now - LEASE,
        )
        aside = bookmark.aside if bookmark else ()
        done, mended, large = self._records(records, run, now, has_time, _MOST_ASIDE - len(aside))
        if done:
            last, rewinds = records[done - 1], bookmark.rewinds if bookmark else 0
            known = {place[:2] for place in aside}
            further = tuple(place for place in large if place[:2] not in known)
            reached = Bookmark(last.accepted_at, last.event_id, rewinds, (*aside, *further))
            if not self._bookmarks.move(tenant, bookmark, reached):
                # It was set back, or another round is ahead: the next one goes on from there.
                return None, _Step(tenant, mended), False
            bookmark = reached
        if done == len(records) and more is None:
            return bookmark, _Step(tenant, mended), False
        left = records[min(done, len(records) - 1)]
        step = _Step(tenant, mended, now - LEASE - left.accepted_at)
        return bookmark, step, done == len(records)

    def _records(
        self,
        records: Sequence[FanOut],
        run: str,
        now: datetime,
        has_time: Callable[[], bool],
        room: int,
    ) -> tuple[int, int, Sequence[_Place]]:
        """How many are finished, up to the first that belongs to somebody else or comes too late.

        Then how many deliveries were mended, and the large ones that are put aside.
        """
        done = mended = 0
        large: list[_Place] = []
        for some in _slices(records):
            if not has_time():
                break
            suspects = self._suspects(some)
            for number, record in enumerate(some):
                if record.claimed_at + LEASE > now:
                    return done, mended, large
                if number in suspects:
                    outcome = self._mend_chunk(record, 0, run) if has_time() else None
                    if not isinstance(outcome, ChunkDone):
                        return done, mended, large
                    mended += outcome.mended
                if record.open or record.further_chunks:
                    if len(large) == room:
                        return done, mended, large
                    large.append((record.accepted_at, record.event_id, 1))
                done += 1
        return done, mended, large

    def _large(self, tenant: TenantId, place: _Place, run: str) -> Iterator[tuple[int | None, int]]:
        """After each finished chunk yields the next one, None at the end, and what was mended.

        It also ends at a chunk that somebody works on, and goes on in a later round.
        """
        accepted_at, event_id, chunk = place
        record = self._fan_outs.get(tenant, accepted_at, event_id)
        while record is not None and chunk <= record.further_chunks:
            outcome = self._mend_chunk(record, chunk, run)
            if not isinstance(outcome, ChunkDone):
                return
            chunk += 1
            yield chunk, outcome.mended
        if record is None:
            must_have_expired(self._events, tenant, event_id)
        if record is None or not record.open or record.stopped is not None:
            yield None, 0
        elif (record.moved_at or record.claimed_at) + LEASE <= self._clock():
            # Its message is lost: matching goes on with another one.
            self._steps.send([FanOutTask(tenant, event_id, accepted_at)])

    def _put_aside(
        self, tenant: TenantId, bookmark: Bookmark, place: _Place, chunk: int | None
    ) -> tuple[_Place, Bookmark | None]:
        """Moves what is aside to ``chunk``, or drops it.

        Returns where it is now, and the bookmark; None if another round moved that.
        """
        moved = (*place[:2], chunk or 0)
        others = [each for each in bookmark.aside if each != place]
        after = replace(bookmark, aside=(*others, moved) if chunk else tuple(others))
        done = self._bookmarks.move(tenant, bookmark, after)
        return moved, after if done else None

    def _suspects(self, records: Sequence[FanOut]) -> set[int]:
        """The records whose own chunks are not all created and attempted or waiting."""
        expected = [
            (number, delivery_key_of(record, match.webhook_id))
            for number, record in enumerate(records)
            for match in record.matches
        ]
        there = self._deliveries.progress([key for _, key in expected]) if expected else {}
        return {number for number, key in expected if there.get(key) is not Progress.UNDER_WAY}


def _slices(records: Sequence[FanOut]) -> Iterator[Sequence[FanOut]]:
    """The records in order, in groups of up to `_AT_ONCE` deliveries, or of one record."""
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
