"""Bookmarks and slots of rate limits in memory."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.ids import TenantId, WebhookId
from hookline.ports.events import Bookmark
from hookline.ports.sending import Slots

_MICROSECOND = timedelta(microseconds=1)


class InMemoryBookmarks:
    """`Bookmarks`."""

    def __init__(self) -> None:
        self._bookmarks: dict[TenantId, Bookmark] = {}

    def get(self, tenant: TenantId) -> Bookmark | None:
        return self._bookmarks.get(tenant)

    def move(self, tenant: TenantId, before: Bookmark | None, after: Bookmark) -> bool:
        moved = replace(after, rewinds=before.rewinds if before else 0)
        if self._bookmarks.get(tenant) not in (before, moved):
            return False
        self._bookmarks[tenant] = moved
        return True

    def rewind(self, tenant: TenantId, to: Bookmark) -> None:
        standing = self._bookmarks.get(tenant)
        rewinds = standing.rewinds + 1 if standing else 1
        place = standing if standing and _place(standing) <= _place(to) else to
        self._bookmarks[tenant] = replace(place, rewinds=rewinds)


class InMemoryRateLimits:
    """`RateLimits`."""

    def __init__(self) -> None:
        self._next: dict[tuple[TenantId, WebhookId], datetime] = {}

    def book(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        *,
        wanted: int,
        per_second: float,
        now: datetime,
        horizon: timedelta,
    ) -> Slots:
        interval = math.ceil(1_000_000 / per_second) * _MICROSECOND
        first = max(now, self._next.get((tenant, webhook_id), now))
        fitting = max(0, math.ceil((now + horizon - first) / interval))
        count = min(wanted, fitting)
        if count:
            self._next[tenant, webhook_id] = first + count * interval
        return Slots(first, count)


def _place(bookmark: Bookmark) -> tuple[datetime, str]:
    return bookmark.accepted_at, bookmark.event_id
