"""Claims events for fan-out; a tenant whose claims DynamoDB refuses must not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from itertools import chain

from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import FanOut
from hookline.domain.ids import EventId, TenantId
from hookline.domain.lease import LEASE
from hookline.errors import Unavailable
from hookline.ports import Clock, Concurrently
from hookline.ports.events import Bookmark, Bookmarks, FanOuts

CLAIMS_AT_ONCE = 4
"""Each claim is a write of its own, which takes some milliseconds: the first attempts of a full
batch would wait for a hundred of them in a row. Four keep the function's third of a processor
busy; more would only compete for it."""

_LATE = LEASE / 2
"""An event fanned out later than this may lie behind the sweep. Half a lease covers clocks that
differ and the time a batch takes."""

_PATIENCE = timedelta(seconds=5)
"""How long a tenant's claims may fail, which blocks the records behind them. After that its events
wait in the queue for their claim, the one place where a purge could lose them."""

_OUTAGE = 3
"""So many tenants refused in one run mean that DynamoDB is unavailable."""

Refusals = dict[TenantId, str]
"""The tenants whose writes DynamoDB refused in this batch, and why."""


class Claims:
    """One conditional write decides for good which run fans an event out.

    Kept between batches: it remembers since when each tenant's claims have failed.
    """

    def __init__(
        self, *, fan_outs: FanOuts, bookmarks: Bookmarks, concurrently: Concurrently, clock: Clock
    ) -> None:
        self._fan_outs = fan_outs
        self._bookmarks = bookmarks
        self._concurrently = concurrently
        self._clock = clock
        self._refused_since: dict[TenantId, datetime] = {}
        self._last_success = datetime.min.replace(tzinfo=UTC)

    def set_sweep_back(self, events: Iterable[Event]) -> Refusals:
        """Lets the sweep look again at the hours of late events; a refusal is no error."""
        late: dict[TenantId, datetime] = {}
        for event in events:
            if self._clock() - event.accepted_at > _LATE:
                earliest = late.get(event.tenant, event.accepted_at)
                late[event.tenant] = min(earliest, event.accepted_at)
        refused: Refusals = {}
        for tenant, accepted_at in late.items():
            if len(refused) >= _OUTAGE:
                refused[tenant] = next(iter(refused.values()))
                continue
            try:
                self._bookmarks.rewind(tenant, Bookmark(accepted_at, EventId("")))
            except Unavailable as error:
                refused[tenant] = str(error)
        return refused

    def claim(self, fan_outs: Mapping[int, FanOut], refused: Refusals) -> Mapping[int, bool]:
        """Whether this run got each fan-out, by its number; a refused claim is left out.

        Adds to ``refused``.
        """
        numbered = list(fan_outs.items())
        lanes = [numbered[start::CLAIMS_AT_ONCE] for start in range(CLAIMS_AT_ONCE)]
        claims = self._concurrently(lambda lane: self._in_turn(lane, refused), filter(None, lanes))
        return dict(chain.from_iterable(claims))

    def _in_turn(
        self, lane: Sequence[tuple[int, FanOut]], refused: Refusals
    ) -> Sequence[tuple[int, bool]]:
        """A refusal takes seconds: no more is asked for its tenant, and nothing in an outage."""
        claims: list[tuple[int, bool]] = []
        for number, fan_out in lane:
            if fan_out.tenant in refused or len(refused) >= _OUTAGE:
                continue
            try:
                claims.append((number, self._fan_outs.claim(fan_out)))
            except Unavailable as error:
                refused[fan_out.tenant] = str(error)
        return claims

    def out_of_patience(
        self, claimed: AbstractSet[TenantId], unclaimed: AbstractSet[TenantId]
    ) -> AbstractSet[TenantId]:
        """Of the unclaimed, the tenants whose events are to wait for their claim in the queue.

        While everybody's claims fail it is an outage, which the stream outlasts.
        """
        now = self._clock()
        if claimed:
            self._last_success = now
        for tenant in claimed:
            self._refused_since.pop(tenant, None)
        for tenant in unclaimed:
            self._refused_since.setdefault(tenant, now)
        return {
            tenant
            for tenant in unclaimed
            if self._refused_since[tenant] + _PATIENCE <= now
            and self._refused_since[tenant] < self._last_success
        }
