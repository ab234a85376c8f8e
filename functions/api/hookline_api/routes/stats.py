"""GET /v1/tenants/{tenant}/webhooks/{webhook}/stats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import defaulted
from hookline.domain.identity.rights import Action
from hookline.domain.times import iso
from hookline.services.delivery.read_delivery import ReadableLogs
from hookline.services.delivery.stats import Counts, WebhookStats
from hookline_api.http.call import Authorize, Call
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id, webhook_id
from hookline_api.http.queries import TimeQuery
from hookline_api.http.replies import Reply, json_reply
from hookline_api.schemas import stats as shapes


class StatsQuery(TimeQuery):
    """Which deliveries are counted, and how they are put together."""

    bucket = defaulted(
        Choice[Literal["hour", "day"]]("hour", "day"), "hour", "Width of the buckets, in UTC."
    )


class StatsRoutes:
    """How a webhook's deliveries went."""

    def __init__(self, *, authorize: Authorize, stats: WebhookStats, logs: ReadableLogs) -> None:
        self._authorize = authorize
        self._stats = stats
        self._logs = logs

    def endpoints(self) -> Sequence[Endpoint]:
        """The one endpoint."""
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
        )

    def get(self, call: Call, tenant: str, webhook: str, query: StatsQuery) -> Reply:
        """Totals, success rate and latency, overall and by bucket."""
        owner, of = tenant_id(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_STATS, of)
        stats = self._stats(owner, of, since=query.since, until=query.until, bucket=query.bucket)
        if not stats.buckets:
            self._logs.must_exist(owner, of)
        return json_reply(
            {
                **_counts_json(stats.overall),
                "buckets": [
                    {"start": iso(start), **_counts_json(counts)} for start, counts in stats.buckets
                ],
                "truncated": stats.truncated,
            }
        )


def _counts_json(counts: Counts) -> dict[str, object]:
    return {
        "totals": {status.value: number for status, number in counts.totals.items()},
        "success_rate": counts.success_rate,
        "latency_ms": {"p50": counts.latency.p50, "p95": counts.latency.p95},
    }
