"""Events and the records of their fan-out in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import FanOut, Match, Stretch
from hookline.domain.ids import EventId, TenantId
from hookline.domain.lease import LEASE, Lease
from hookline.domain.times import iso
from hookline.ports import Clock
from tests.engine.clock import not_expired


class InMemoryEvents:
    """`Events`; ``stream`` is told of each that is accepted, as the table's stream would be."""

    def __init__(self, retention: timedelta, clock: Clock) -> None:
        self._events: dict[tuple[TenantId, EventId], Event] = {}
        self._retention = retention
        self._clock = clock
        self.stream: Callable[[Event], None] = lambda _event: None

    def accept(self, event: Event) -> bool:
        if self.get(event.tenant, event.id) is not None:
            return False
        self._events[event.tenant, event.id] = event
        self.stream(event)
        return True

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None:
        event = self._events.get((tenant, event_id))
        if event and not_expired(event.accepted_at, self._retention, self._clock()):
            return event
        return None

    def all(self) -> Sequence[Event]:
        """Everything ever accepted, for a test's final account."""
        return list(self._events.values())


class InMemoryFanOuts:
    """`FanOuts`."""

    def __init__(self, retention: timedelta, clock: Clock) -> None:
        self._records: dict[TenantId, dict[str, FanOut]] = {}
        self._places: defaultdict[TenantId, list[str]] = defaultdict(list)
        self._chunks: dict[tuple[TenantId, EventId, str, int], Stretch] = {}
        self._leases: dict[tuple[TenantId, EventId, str, int], tuple[str, datetime]] = {}
        self._retention = retention
        self._clock = clock

    def claim(self, fan_out: FanOut) -> bool:
        records = self._records.setdefault(fan_out.tenant, {})
        place = _place(fan_out.accepted_at, fan_out.event_id)
        if place in records and records[place].claim != fan_out.claim:
            return False
        if place not in records:
            insort(self._places[fan_out.tenant], place)
        records[place] = fan_out
        return True

    def extend(self, fan_out: FanOut, stretch: Stretch) -> FanOut | None:
        number = fan_out.further_chunks
        if stretch.matches:
            number += 1
            stands = self._chunks.setdefault(_chunk(fan_out, number), stretch)
            stretch = replace(stands, spent=stretch.spent)
        after = replace(
            fan_out,
            matched_count=fan_out.matched_count + len(stretch.matches),
            further_chunks=number,
            open=not stretch.finished,
            reached=stretch.reached,
            spent=fan_out.spent + stretch.spent,
            stopped=None,
            moved_at=self._clock(),
        )
        return after if self._moved(fan_out, after) else None

    def stop(self, fan_out: FanOut, reason: str) -> None:
        self._moved(fan_out, replace(fan_out, stopped=reason))

    def _moved(self, before: FanOut, after: FanOut) -> bool:
        records = self._records[before.tenant]
        place = _place(before.accepted_at, before.event_id)
        if records[place] not in (before, after):
            return False
        records[place] = after
        return True

    def get(self, tenant: TenantId, accepted_at: datetime, event: EventId) -> FanOut | None:
        record = self._records.get(tenant, {}).get(_place(accepted_at, event))
        return record if record and self._live(record) else None

    def chunk(self, fan_out: FanOut, number: int) -> Sequence[Match]:
        if number == 0:
            return fan_out.matches
        stretch = self._chunks.get(_chunk(fan_out, number))
        return stretch.matches if stretch and self._live(fan_out) else ()

    def lease(self, fan_out: FanOut, number: int, holder: str, now: datetime) -> Lease:
        first = (fan_out.claim, fan_out.claimed_at) if number == 0 else None
        if number and _chunk(fan_out, number) not in self._chunks:
            return Lease.HELD
        before = self._leases.get(_chunk(fan_out, number), first)
        if before is not None and before[0] != holder and before[1] > now - LEASE:
            return Lease.HELD
        self._leases[_chunk(fan_out, number)] = holder, now
        return Lease.FIRST if before is None else Lease.AGAIN

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        newest_first: bool = True,
        after: tuple[datetime, EventId] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[FanOut], tuple[datetime, EventId] | None]:
        places, records = self._places[tenant], self._records.get(tenant, {})
        first = bisect_left(places, iso(since)) if since else 0
        end = bisect_left(places, iso(until)) if until else len(places)
        if after is not None:
            # Where to go on need not be a record: a bookmark that was set back is none.
            edge = _place(*after)
            if newest_first:
                end = min(end, bisect_left(places, edge))
            else:
                first = max(first, bisect_right(places, edge))
        wanted = range(end - 1, first - 1, -1) if newest_first else range(first, end)
        live = (records[places[n]] for n in wanted if self._live(records[places[n]]))
        found = list(islice(live, limit + 1))
        if len(found) <= limit:
            return found, None
        return found[:limit], (found[limit - 1].accepted_at, found[limit - 1].event_id)

    def _live(self, record: FanOut) -> bool:
        return not_expired(record.accepted_at, self._retention, self._clock())


def _place(accepted_at: datetime, event: EventId) -> str:
    return f"{iso(accepted_at)}#{event}"


def _chunk(fan_out: FanOut, number: int) -> tuple[TenantId, EventId, str, int]:
    return fan_out.tenant, fan_out.event_id, fan_out.claim, number
