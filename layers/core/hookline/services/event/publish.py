"""Accepts events: from the answer on they are durable, and never lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from hookline.domain.event.event import Event, differences
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId, new_id
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, HooklineError, Rejected, Unavailable
from hookline.ports import Clock, Concurrently, Randomness

if TYPE_CHECKING:
    from hookline.ports.events import Events

type _Numbered = Sequence[tuple[int, object]]
"""Events to be published one after the other, each with its place in the batch."""


class Catalogue(Protocol):
    """The tenant's event types."""

    def problems(self, event: Event) -> Sequence[FieldError]:
        """What the JSON schema of the event's type has against its data; none without a schema."""
        ...


class Quota(Protocol):
    """How much a tenant may publish."""

    def __call__(self, tenant: TenantId, events: int, /) -> None:
        """Raises TooManyRequests."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is durable. ``duplicate``: it was accepted before; nothing is sent twice."""

    id: EventId
    type: str
    duplicate: bool


class Publish:
    """Checks one event and makes it durable; its fan-out follows from that by itself."""

    def __init__(
        self,
        *,
        events: Events,
        catalogue: Catalogue,
        quota: Quota | None,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._events = events
        self._catalogue = catalogue
        self._quota = quota
        self._clock = clock
        self._randomness = randomness

    def __call__(
        self,
        tenant: TenantId,
        document: Mapping[str, object],
        *,
        traceparent: str | None = None,
        hops: int = 0,
    ) -> Accepted:
        """Raises Rejected with all that is wrong, TooLarge, TooManyRequests and Unavailable.

        And Conflict for an id that another event has.
        """
        if self._quota is not None:
            self._quota(tenant, 1)
        now = floor_to_millis(self._clock())
        fresh_id = EventId(new_id("evt", now, self._randomness(10)))
        event = event_of(document, tenant, now, fresh_id, traceparent=traceparent)
        event = replace(event, hops=hops) if hops else event
        problems = self._catalogue.problems(event)
        if problems:
            raise Rejected(problems)
        if self._events.accept(event):
            return Accepted(event.id, event.type, duplicate=False)
        return self._duplicate_of(event)

    def _duplicate_of(self, event: Event) -> Accepted:
        """Reads what has the id: the one read that only a second publication costs."""
        stored = self._events.get(event.tenant, event.id)
        if stored is None:
            raise Unavailable("the event that had this id has just expired")
        differing = differences(stored, event)
        if differing:
            raise Conflict(
                f"Another event has the id {event.id}: it differs in {', '.join(differing)}.",
                "event_id_taken",
            )
        return Accepted(stored.id, stored.type, duplicate=True)


class PublishBatch:
    """Publishes side by side, as each event is a write of its own; one id's in their order."""

    def __init__(self, *, publish: Publish, concurrently: Concurrently) -> None:
        self._publish = publish
        self._concurrently = concurrently

    def __call__(
        self,
        tenant: TenantId,
        events: Sequence[object],
        *,
        traceparent: str | None = None,
        hops: int = 0,
    ) -> Sequence[Accepted | HooklineError]:
        """What became of each JSON value, in order. Of several with one id the first counts."""

        def publish(numbered: _Numbered) -> Sequence[tuple[int, Accepted | HooklineError]]:
            return [(n, self._result(tenant, event, traceparent, hops)) for n, event in numbered]

        results = dict(chain.from_iterable(self._concurrently(publish, _apart(events))))
        return [results[number] for number in range(len(events))]

    def _result(
        self, tenant: TenantId, event: object, traceparent: str | None, hops: int
    ) -> Accepted | HooklineError:
        if not isinstance(event, dict):
            return Rejected([FieldError("", "the event must be a JSON object")])
        try:
            return self._publish(tenant, event, traceparent=traceparent, hops=hops)
        except HooklineError as error:
            return error


def _apart(events: Sequence[object]) -> Sequence[_Numbered]:
    """Those of one id together, all others alone."""
    groups: dict[object, list[tuple[int, object]]] = {}
    for number, event in enumerate(events):
        named = event.get("id") if isinstance(event, dict) else None
        groups.setdefault(named if isinstance(named, str) else number, []).append((number, event))
    return list(groups.values())
