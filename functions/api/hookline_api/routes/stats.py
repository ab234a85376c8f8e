"""GET …/stats, of a webhook and of a tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import defaulted
from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.times import iso
from hookline.services.delivery.read_delivery import ReadableLogs
from hookline.services.delivery.stats import Counts, Stats, WebhookStats
from hookline.services.delivery.tenant_stats import CountTenant
from hookline_api.http.call import Authorize, Call, Reply, json_reply, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.queries import TimeQuery
from hookline_api.schemas import stats as shapes


class StatsQuery(TimeQuery):
    """Which deliveries are counted, and how they are grouped."""

    bucket = defaulted(
        Choice[Literal["hour", "day"]]("hour", "day"), "hour", "Width of the buckets, in UTC."
    )


class StatsRoutes:
    """Statistics of deliveries."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        stats: WebhookStats,
        tenant: CountTenant,
        logs: ReadableLogs,
        limits: Mapping[str, int],
    ) -> None:
        self._authorize = authorize
        self._limits = limits
        self._tenant = tenant
        self._stats = stats
        self._logs = logs

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path="/v1/tenants/<tenant>/webhooks/<webhook>/stats",
                name="get_webhook_stats",
                summary="Count a webhook's deliveries",
                tag="deliveries",
                handler=self.get,
                query=StatsQuery,
                answers={200: shapes.Stats},
            ),
            Endpoint(
                method="GET",
                path="/v1/tenants/<tenant>/stats",
                name="get_tenant_stats",
                summary="Count a tenant's deliveries and webhooks",
                description="A bounded look, at most one in 30 seconds: the newest 200 deliveries"
                " of each of 50 webhooks, and the states of 1,000.",
                tag="deliveries",
                handler=self.get_of_tenant,
                query=StatsQuery,
                answers={200: shapes.TenantStats},
            ),
        )

    def get(self, call: Call, tenant: str, webhook: str, query: StatsQuery) -> Reply:
        """Totals, success rate and latency, overall and by bucket."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_STATS, of)
        stats = self._stats(owner, of, since=query.since, until=query.until, bucket=query.bucket)
        if not stats.buckets:
            self._logs.must_exist(owner, of)
        return json_reply(_stats_json(stats))

    def get_of_tenant(self, call: Call, tenant: str, query: StatsQuery) -> Reply:
        """The same over the tenant's webhooks, and their number by state."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_TENANT_STATS)
        found = self._tenant(owner, since=query.since, until=query.until, bucket=query.bucket)
        return json_reply(
            {
                **_stats_json(found.deliveries),
                "webhooks": dict(found.webhooks),
                "limits": dict(self._limits),
            }
        )


def _stats_json(stats: Stats) -> dict[str, object]:
    return {
        **_counts_json(stats.overall),
        "answers": dict(stats.answers),
        "oldest_waiting_at": None if stats.oldest_waiting is None else iso(stats.oldest_waiting),
        "buckets": [
            {"start": iso(start), **_counts_json(counts)} for start, counts in stats.buckets
        ],
        "truncated": stats.truncated,
    }


def _counts_json(counts: Counts) -> dict[str, object]:
    return {
        "totals": {status.value: number for status, number in counts.totals.items()},
        "success_rate": counts.success_rate,
        "latency_ms": {"p50": counts.latency.p50, "p95": counts.latency.p95},
    }
