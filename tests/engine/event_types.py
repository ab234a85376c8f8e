"""The event-type catalogue in memory."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.event.catalogue import EventType
from hookline.domain.ids import TenantId


class InMemoryEventTypes:
    """`EventTypes`."""

    def __init__(self) -> None:
        self._entries: dict[tuple[TenantId, str], EventType] = {}

    def get(self, tenant: TenantId, event_type: str) -> EventType | None:
        return self._entries.get((tenant, event_type))

    def page(
        self, tenant: TenantId, limit: int, after: str | None
    ) -> tuple[Sequence[EventType], str | None]:
        names = sorted(
            name for of, name in self._entries if of == tenant and (after is None or name > after)
        )
        found = [self._entries[tenant, name] for name in names[:limit]]
        return found, found[-1].type if len(names) > limit else None

    def put(self, entry: EventType) -> None:
        self._entries[entry.tenant, entry.type] = entry

    def replace(self, before: EventType, after: EventType) -> bool:
        stands = self._entries.get((before.tenant, before.type))
        if stands == before:
            self._entries[before.tenant, before.type] = after
        return stands in (before, after)

    def delete(self, tenant: TenantId, event_type: str) -> bool:
        return self._entries.pop((tenant, event_type), None) is not None
