"""Lists a tenant's events, optionally of some types or of one entity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookline.domain.fan_out.fan_out import FanOut
    from hookline.domain.ids import EventId, TenantId
    from hookline.ports.events import FanOuts

    type Place = tuple[datetime, EventId]

_PAGE = 100
MOST_READ = 1_000
"""Records that one request looks through: ten reads. A page may then be short and not the last;
an index for them would cost each event a write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Accepted at ``since`` or later and before ``until``; empty ``types`` and None mean all."""

    since: datetime | None = None
    until: datetime | None = None
    types: Collection[str] = ()
    entity_id: str | None = None

    def fits(self, record: FanOut) -> bool:
        """Whether type and entity match; the store checks the times."""
        return (not self.types or record.event_type in self.types) and (
            self.entity_id is None or record.entity_id == self.entity_id
        )


class FindEvents:
    """Reads fan-out records, which have no bodies."""

    def __init__(self, fan_outs: FanOuts) -> None:
        self._fan_outs = fan_outs

    def __call__(
        self, tenant: TenantId, wanted: Wanted, limit: int, after: Place | None
    ) -> tuple[Sequence[FanOut], Place | None]:
        """At most ``limit``, newest first, after ``after``; then where the next page begins."""
        narrow = bool(wanted.types) or wanted.entity_id is not None
        size = _PAGE if narrow else limit
        found: list[FanOut] = []
        for _ in range(MOST_READ // _PAGE):
            page, after = self._fan_outs.page(
                tenant, size, after=after, since=wanted.since, until=wanted.until
            )
            for record in page:
                if not wanted.fits(record):
                    continue
                found.append(record)
                if len(found) == limit:
                    last = after is None and record is page[-1]
                    return found, None if last else (record.accepted_at, record.event_id)
            if after is None:
                break
        return found, after
