"""What the event-type catalogue needs from outside.

As with `hookline.ports`: a method does all it says, or raises `hookline.errors.Unavailable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookline.domain.catalogue import EventType
from hookline.domain.ids import TenantId


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
