"""A tenant's waiting and failed deliveries, without an index that every delivery pays for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.delivery.merging import LogPage, newest
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.webhook.health import Health
from hookline.errors import Unavailable
from hookline.ports import Concurrently
from hookline.ports.deliveries import DeliveryLog, LogSearch
from hookline.ports.webhooks import WebhookHealth

MOST_WEBHOOKS = 50
"""The webhooks that failed last. Each log costs one read of a page, side by side."""

_LOOKED_AT = 100
"""Deliveries of one log in one page: some 12 read units, 600 for all logs."""

_VISIBLE_AT_ONCE = 100

Visible = Callable[[Sequence[WebhookId]], frozenset[WebhookId]]
"""Which of at most 100 webhooks the caller may see."""


@dataclass(frozen=True, slots=True)
class TroubledSearch:
    """Which deliveries are wanted."""

    statuses: Sequence[Status]
    types: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TroubledPage:
    """Newest first; ``truncated`` if more webhooks are in trouble than were looked at."""

    items: Sequence[Delivery]
    goes_on: DeliveryId | None
    truncated: bool


class TroubledDeliveries:
    """Finds them by health: a waiting or failed delivery's webhook has a mark there."""

    def __init__(
        self, *, health: WebhookHealth, log: DeliveryLog, concurrently: Concurrently
    ) -> None:
        self._health = health
        self._log = log
        self._concurrently = concurrently

    def __call__(
        self,
        tenant: TenantId,
        visible: Visible,
        limit: int,
        before: DeliveryId | None,
        search: TroubledSearch,
    ) -> TroubledPage:
        """A page may be short and not the last. Raises Unavailable."""
        webhook_ids, truncated = self._in_trouble(tenant, visible, search.since)

        def read(webhook_id: WebhookId) -> LogPage | Unavailable:
            try:
                return self._log.page(
                    tenant,
                    webhook_id,
                    limit,
                    before=before,
                    statuses=search.statuses,
                    types=search.types,
                    since=search.since,
                    until=search.until,
                    search=LogSearch(looks_at=_LOOKED_AT),
                )
            except Unavailable as error:
                return error

        pages: list[LogPage] = []
        for result in self._concurrently(read, webhook_ids):
            if isinstance(result, Unavailable):
                raise result
            pages.append(result)
        return TroubledPage(*newest(pages, limit), truncated)

    def _in_trouble(
        self, tenant: TenantId, visible: Visible, since: datetime | None
    ) -> tuple[Sequence[WebhookId], bool]:
        marked = [each for each in self._health.troubled(tenant) if _lately(each, since)]
        seen: list[WebhookId] = []
        marked_ids = [each.webhook_id for each in marked]
        for some in batched(marked_ids, _VISIBLE_AT_ONCE, strict=False):
            allowed = visible(some)
            seen.extend(each for each in some if each in allowed)
            if len(seen) > MOST_WEBHOOKS:
                break
        return seen[:MOST_WEBHOOKS], len(seen) > MOST_WEBHOOKS


def _lately(health: Health, since: datetime | None) -> bool:
    """Whether anything created at ``since`` or later can have failed or wait."""
    failed_at = health.last_failure_at
    return health.has_waiting or since is None or (failed_at is not None and failed_at >= since)
