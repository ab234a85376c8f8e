"""Counts the deliveries of a tenant, and its webhooks by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.services.delivery.stats import Bucket, Stats, stats_of
from hookline.services.webhook.list_webhooks import state_word

if TYPE_CHECKING:
    from hookline.domain.delivery.delivery import Delivery
    from hookline.domain.ids import TenantId, WebhookId
    from hookline.domain.webhook.webhook import Webhook
    from hookline.ports import Clock, Concurrently
    from hookline.ports.deliveries import DeliveryLog
    from hookline.ports.webhooks import WebhookHealth, Webhooks

MOST_WEBHOOKS = 1_000
"""Webhooks whose states are counted: ten pages of a list."""

MOST_LOGS = 50
"""Webhooks whose logs are read: the newest that are on. No index has a tenant's deliveries by
time: it would cost every delivery a write."""

MOST_OF_ONE_LOG = 200
GOOD_FOR = timedelta(seconds=30)
"""A screen that refreshes itself costs one look in this time, however many have it open."""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class TenantStats:
    """``deliveries`` counts those that were looked at; ``webhooks`` counts webhooks by state."""

    deliveries: Stats
    webhooks: Mapping[str, int]


class CountTenant:
    """Counts within bounds: at most 10 pages of webhooks and 50 of deliveries, once in 30 s."""

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        health: WebhookHealth,
        log: DeliveryLog,
        concurrently: Concurrently,
        clock: Clock,
    ) -> None:
        self._webhooks = webhooks
        self._health = health
        self._log = log
        self._concurrently = concurrently
        self._seen = BoundedCache[tuple[object, ...], TenantStats](
            size=100, lifetime=GOOD_FOR, clock=clock
        )

    def __call__(
        self,
        tenant: TenantId,
        *,
        since: datetime | None,
        until: datetime | None,
        bucket: Bucket,
    ) -> TenantStats:
        """Of deliveries created at ``since`` or later and before ``until``. Raises Unavailable."""
        minute = None if since is None else since.replace(second=0, microsecond=0)
        asked = (tenant, minute, until, bucket)
        seen = self._seen.get(asked)
        if seen is not None:
            return seen
        webhooks, more = self._all(tenant)
        healths = self._health.get_many([(tenant, webhook.id) for webhook in webhooks])
        states = Counter(map(state_word, webhooks, healths))
        on = [webhook.id for webhook in webhooks if webhook.enabled]
        found, cut = self._deliveries(tenant, on[:MOST_LOGS], since, until)
        stats = TenantStats(
            stats_of(found, bucket, truncated=cut or more or len(on) > MOST_LOGS),
            {state: states[state] for state in ("healthy", "failing", "open", "off")},
        )
        self._seen.put(asked, stats)
        return stats

    def _all(self, tenant: TenantId) -> tuple[Sequence[Webhook], bool]:
        found: list[Webhook] = []
        before: WebhookId | None = None
        while len(found) < MOST_WEBHOOKS:
            page, before = self._webhooks.page(tenant, _PAGE, before)
            found.extend(page)
            if before is None:
                break
        return found, before is not None

    def _deliveries(
        self,
        tenant: TenantId,
        webhooks: Sequence[WebhookId],
        since: datetime | None,
        until: datetime | None,
    ) -> tuple[Sequence[Delivery], bool]:
        def newest(webhook: WebhookId) -> tuple[Sequence[Delivery], bool]:
            page, before = self._log.page(
                tenant, webhook, MOST_OF_ONE_LOG, since=since, until=until
            )
            return page, before is not None

        found: list[Delivery] = []
        cut = False
        for page, more in self._concurrently(newest, webhooks):
            found.extend(page)
            cut |= more
        return sorted(found, key=lambda delivery: delivery.created_at, reverse=True), cut
