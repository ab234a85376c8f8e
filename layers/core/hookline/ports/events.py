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
        """Makes the event durable; False when its id was accepted before and has not expired."""
        ...

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None: ...


class FanOuts(Protocol):
    """The records of fan-outs, which also list a tenant's events by time."""

    def claim(self, fan_out: FanOut) -> bool:
        """Writes the record; False when another run's claim stands."""
        ...

    def extend(self, fan_out: FanOut, stretch: Stretch) -> FanOut | None:
        """The record with a further step of its matching: its matches are the next chunk.

        A chunk that stands already, as its run died before it moved the record, stays as it is.
        None when the record is not as given any more: another run went on with it.
        """
        ...

    def stop(self, fan_out: FanOut, reason: str) -> None:
        """Has its matching rest, until somebody extends it."""
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
    """The queue through which a large fan-out goes on."""

    def send(self, tasks: Sequence[FanOutTask]) -> None: ...


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the sweep has come through a tenant's fan-outs: the last one it is done with.

    ``rewinds`` counts how often it was set back, so that a move that began before is noticed.
    ``aside`` holds the large ones that it passed, each with the next chunk to look at: they take
    longer, and what comes after them must not wait.
    """

    accepted_at: datetime
    event_id: EventId
    rewinds: int = 0
    aside: tuple[tuple[datetime, EventId, int], ...] = ()


class Bookmarks(Protocol):
    """One bookmark a tenant, moved by compare and set."""

    def get(self, tenant: TenantId) -> Bookmark | None: ...

    def move(self, tenant: TenantId, before: Bookmark | None, after: Bookmark) -> bool:
        """Forward, past what has been swept; False when it was moved by somebody else.

        What is ``aside`` is replaced, and the place may stay as it is.
        """
        ...

    def rewind(self, tenant: TenantId, to: Bookmark) -> None:
        """Back to ``to`` where the bookmark is beyond it or there is none.

        A move under way fails in any case, one from no bookmark too. For a fan-out that comes so
        late that the sweep may just be passing its place. ``to.rewinds`` does not count.
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
        """At most ``limit`` (and 1 MiB) in the order of their names; then where to go on."""
        ...

    def put(self, entry: EventType) -> None:
        """Writes the entry over the one there may be."""
        ...

    def replace(self, before: EventType, after: EventType) -> bool:
        """False when ``before`` is no longer what stands; nothing was written then."""
        ...

    def delete(self, tenant: TenantId, event_type: str) -> bool:
        """False when there was none."""
        ...
