"""The event-type catalogue: kept through the API, looked into at every publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.event.catalogue import EventType, event_type_of, patched
from hookline.domain.event.event import Event
from hookline.domain.ids import TenantId
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, NotFound
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.ports.events import EventTypes

KNOWN_FOR = timedelta(seconds=5)
"""How old an entry may be at a publish: a busy type costs a process one read in so long."""

_KNOWN = 1_000

_TRIES = 3
"""An edit that somebody else's edit outran is made again on what stands then."""


@dataclass(frozen=True, slots=True)
class _Known:
    entry: EventType | None


class ManageEventTypes:
    """One method for each act on the catalogue."""

    def __init__(self, *, types: EventTypes, clock: Clock) -> None:
        self._types = types
        self._clock = clock
        self._known = BoundedCache[tuple[TenantId, str], _Known](
            size=_KNOWN, lifetime=KNOWN_FOR, clock=clock
        )

    def put(self, tenant: TenantId, event_type: str, document: Mapping[str, object]) -> EventType:
        """The entry as it is from now on. Raises Rejected with every FieldError."""
        entry = event_type_of(document, tenant, event_type, floor_to_millis(self._clock()))
        self._types.put(entry)
        self._known.discard((tenant, event_type))
        return entry

    def patch(self, tenant: TenantId, event_type: str, patch: Mapping[str, object]) -> EventType:
        """The entry after the merge patch. Raises NotFound, Rejected, Conflict if outrun."""
        for _ in range(_TRIES):
            before = self.get(tenant, event_type)
            now = floor_to_millis(self._clock())
            after = event_type_of(patched(before, patch), tenant, event_type, now)
            if self._types.replace(before, after):
                self._known.discard((tenant, event_type))
                return after
        raise Conflict("The event type is being edited by others too. Try again.", "edit_conflict")

    def get(self, tenant: TenantId, event_type: str) -> EventType:
        """Raises NotFound."""
        entry = self._types.get(tenant, event_type)
        if entry is None:
            raise NotFound
        return entry

    def page(
        self, tenant: TenantId, limit: int, after: str | None
    ) -> tuple[Sequence[EventType], str | None]:
        """In the order of their names."""
        return self._types.page(tenant, limit, after)

    def delete(self, tenant: TenantId, event_type: str) -> None:
        """Raises NotFound."""
        if not self._types.delete(tenant, event_type):
            raise NotFound
        self._known.discard((tenant, event_type))

    def problems(self, event: Event) -> Sequence[FieldError]:
        """What the type's JSON schema has against the event's data; none without a schema."""
        key = (event.tenant, event.type)
        known = self._known.get(key)
        if known is None:
            known = _Known(self._types.get(*key))
            self._known.put(key, known)
        return () if known.entry is None else known.entry.problems(event.data)
