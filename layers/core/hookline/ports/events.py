"""Accepted events, their fan-out, and the catalogue of their types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookline.domain.event.catalogue import EventType
    from hookline.domain.event.event import Event
    from hookline.domain.fan_out.fan_out import FanOut, FanOutTask, Match, Stretch
    from hookline.domain.ids import EventId, TenantId
    from hookline.domain.lease import Lease


class Events(Protocol):
    """The accepted events."""

    def accept(self, event: Event) -> bool:
        """Makes the event durable; False if its id was accepted before and has not expired."""
        ...

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None: ...


class FanOuts(Protocol):
    """The records of fan-outs, which also list a tenant's events by time."""

    def claim(self, fan_out: FanOut) -> bool:
        """Writes the record; False if another run has claimed the event."""
        ...

    def extend(self, fan_out: FanOut, stretch: Stretch) -> FanOut | None:
        """The record with a further step of its matching: its matches are the next chunk.

        An existing chunk, whose run died before moving the record, stays as it is. None if the
        record has changed: another run continued it.
        """
        ...

    def stop(self, fan_out: FanOut, reason: str) -> None:
        """Stops its matching until somebody extends it."""
        ...

    def get(self, tenant: TenantId, accepted_at: datetime, event: EventId) -> FanOut | None: ...

    def chunk(self, fan_out: FanOut, number: int) -> Sequence[Match]:
        """The matches of one chunk; number 0 is the record's own."""
        ...

    def lease(self, fan_out: FanOut, number: int, holder: str, now: datetime) -> Lease:
        """Takes one chunk for a lease from ``now`` on, in one conditional write.

        HELD while another's lease runs; the claim holds chunk 0 for a lease from ``claimed_at`` on.
        The same holder asking once more, its reply lost, gets AGAIN.
        """
        ...

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
        """At most ``limit`` accepted at ``since`` or later and before ``until``.

        Then where to go on: what comes next as ``after``.
        """
        ...


class FanOutSteps(Protocol):
    """The queue through which a large fan-out continues."""

    def send(self, tasks: Sequence[FanOutTask]) -> None: ...


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the sweep has come through a tenant's fan-outs: the last one it finished.

    ``rewinds`` counts how often it was set back, so that a move that began before is noticed.
    ``aside`` has the large ones that it passed, each with the next chunk to look at: they take
    longer, and later ones must not wait for them.
    """

    accepted_at: datetime
    event_id: EventId
    rewinds: int = 0
    aside: tuple[tuple[datetime, EventId, int], ...] = ()


class Bookmarks(Protocol):
    """One bookmark a tenant, moved by compare and set."""

    def get(self, tenant: TenantId) -> Bookmark | None: ...

    def move(self, tenant: TenantId, before: Bookmark | None, after: Bookmark) -> bool:
        """Moves forward, past what has been swept; False if somebody else moved it.

        Replaces ``aside``; the place may stay the same.
        """
        ...

    def rewind(self, tenant: TenantId, to: Bookmark) -> None:
        """Moves back to ``to`` if the bookmark is past it or there is none.

        A concurrent move fails in any case, also one from no bookmark. For a fan-out so late that
        the sweep may just be passing its place. ``to.rewinds`` does not count.
        """
        ...


class EventTypes(Protocol):
    """The entries of the tenants' catalogues."""

    def get(self, tenant: TenantId, event_type: str) -> EventType | None:
        """Read consistently."""
        ...

    def page(
        self, tenant: TenantId, limit: int, after: str | None
    ) -> tuple[Sequence[EventType], str | None]:
        """At most ``limit`` (and 1 MiB), ordered by name; then where the next page begins."""
        ...

    def put(self, entry: EventType) -> None:
        """Writes the entry, replacing any other."""
        ...

    def replace(self, before: EventType, after: EventType) -> bool:
        """False, and nothing written, if ``before`` is out of date."""
        ...

    def delete(self, tenant: TenantId, event_type: str) -> bool:
        """False if there was none."""
        ...
