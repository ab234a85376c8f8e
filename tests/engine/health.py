"""The health of webhooks in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime

from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.webhook.health import Health

_FAILING_KEPT = 3


class InMemoryWebhookHealth:
    """`WebhookHealth` and `FilterFailureCounts`."""

    def __init__(self) -> None:
        self._healths: dict[tuple[TenantId, WebhookId], Health] = {}

    def get_many(self, wanted: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        return [self._get(*each) for each in wanted]

    get_some = get_many

    def troubled(self, tenant: TenantId) -> Sequence[Health]:
        found = (each for each in self._healths.values() if each.tenant == tenant)
        troubled = [each for each in found if each.last_failure_at or each.has_waiting]
        return sorted(troubled, key=lambda each: str(each.last_failure_at or ""), reverse=True)

    def add_failures(
        self, tenant: TenantId, webhook_id: WebhookId, failed: Sequence[DeliveryId], at: datetime
    ) -> Health:
        standing = self._get(tenant, webhook_id)
        failing = sorted(standing.failing_deliveries | set(failed))[:_FAILING_KEPT]
        added = replace(
            standing,
            consecutive_failures=standing.consecutive_failures + len(failed),
            failing_deliveries=frozenset(failing),
            last_failure_at=at,
        )
        self._healths[tenant, webhook_id] = added
        return added

    def add(
        self, tenant: TenantId, webhook_id: WebhookId, count: int, why: str, at: datetime
    ) -> None:
        standing = self._get(tenant, webhook_id)
        self._healths[tenant, webhook_id] = replace(
            standing,
            filter_failures=standing.filter_failures + count,
            filter_failure=why,
            filter_failed_at=at,
        )

    def mark_slow(self, tenant: TenantId, webhook_id: WebhookId, at: datetime) -> None:
        self._healths[tenant, webhook_id] = replace(self._get(tenant, webhook_id), slow_at=at)

    def replace(self, before: Health, after: Health) -> bool:
        standing = self._get(before.tenant, before.webhook_id)
        if standing.version != before.version:
            return False
        names = [field.name for field in fields(Health)]
        changes = {
            name: getattr(after, name)
            for name in names
            if getattr(before, name) != getattr(after, name)
        }
        changes |= {
            "failing_deliveries": after.failing_deliveries,
            "version": before.version + 1,
        }
        self._healths[before.tenant, before.webhook_id] = replace(standing, **changes)
        return True

    def with_waiting(self) -> Iterable[Health]:
        return [health for health in self._healths.values() if health.has_waiting]

    def _get(self, tenant: TenantId, webhook_id: WebhookId) -> Health:
        standing = self._healths.get((tenant, webhook_id))
        return standing or Health(tenant=tenant, webhook_id=webhook_id)
