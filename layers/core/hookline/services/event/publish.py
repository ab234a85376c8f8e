"""Accepts events: from the answer on they are durable, and never lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hookline.domain.event.event import Event
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId, new_id
from hookline.domain.times import floor_to_millis
from hookline.errors import FieldError, Rejected
from hookline.ports import Clock, Randomness

if TYPE_CHECKING:
    from hookline.ports.events import Events


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
    """The event is durable. ``duplicate``: its id was accepted before; nothing is sent twice."""

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
        quota: Quota,
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
    ) -> Accepted:
        """Raises Rejected with all that is wrong, TooLarge, TooManyRequests and Unavailable."""
        self._quota(tenant, 1)
        now = floor_to_millis(self._clock())
        fresh_id = EventId(new_id("evt", now, self._randomness(10)))
        event = event_of(document, tenant, now, fresh_id, traceparent=traceparent)
        problems = self._catalogue.problems(event)
        if problems:
            raise Rejected(problems)
        return Accepted(event.id, event.type, duplicate=not self._events.accept(event))
