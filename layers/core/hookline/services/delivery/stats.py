"""Counts a webhook's deliveries: how many ended how, how fast, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.ports.deliveries import DeliveryLog

MOST_DELIVERIES = 10_000
"""The newest, which is what one answer looks at (product rule)."""

_PAGE = 1_000
_MOST_PAGES = 20
"""Pages of large deliveries hold fewer; some ten seconds of reading are enough."""

Bucket = Literal["hour", "day"]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of the last attempts that got a response; None when there were none."""

    p50: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Some deliveries. ``success_rate`` is that of those that succeeded or failed."""

    totals: Mapping[Status, int]
    success_rate: float | None
    latency: Latency


@dataclass(frozen=True, slots=True)
class Stats:
    """All of them, and by the hour or day they were created in, oldest first.

    ``truncated`` when there are more than were looked at: the oldest are missing.
    """

    overall: Counts
    buckets: Sequence[tuple[datetime, Counts]]
    truncated: bool


class WebhookStats:
    """Reads the log of one webhook."""

    def __init__(self, log: DeliveryLog) -> None:
        self._log = log

    def __call__(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        *,
        since: datetime | None,
        until: datetime | None,
        bucket: Bucket,
    ) -> Stats:
        """Those created at ``since`` or later and before ``until``."""
        found: list[Delivery] = []
        before: DeliveryId | None = None
        for _ in range(_MOST_PAGES):
            page, before = self._log.page(
                tenant,
                webhook_id,
                min(_PAGE, MOST_DELIVERIES - len(found)),
                before=before,
                since=since,
                until=until,
            )
            found.extend(page)
            if before is None or len(found) == MOST_DELIVERIES:
                break
        buckets: dict[datetime, list[Delivery]] = {}
        for delivery in reversed(found):
            buckets.setdefault(_start_of(delivery.created_at, bucket), []).append(delivery)
        return Stats(
            counts_of(found),
            [(start, counts_of(deliveries)) for start, deliveries in sorted(buckets.items())],
            truncated=before is not None,
        )


def counts_of(deliveries: Sequence[Delivery]) -> Counts:
    """What there is to say of these."""
    totals = Counter(delivery.status for delivery in deliveries)
    ended = totals[Status.SUCCESS] + totals[Status.FAILED]
    durations = sorted(_durations(deliveries))
    return Counts(
        {status: totals[status] for status in Status},
        round(totals[Status.SUCCESS] / ended, 4) if ended else None,
        Latency(_percentile(durations, 50), _percentile(durations, 95)),
    )


def _durations(deliveries: Iterable[Delivery]) -> Iterable[int]:
    for delivery in deliveries:
        last = delivery.last_attempt
        if last is not None and last.response is not None:
            yield round(last.duration / timedelta(milliseconds=1))


def _percentile(ascending: Sequence[int], percent: int) -> int | None:
    """By nearest rank: always one that was measured."""
    if not ascending:
        return None
    rank = -(-percent * len(ascending) // 100)
    return ascending[rank - 1]


def _start_of(instant: datetime, bucket: Bucket) -> datetime:
    hour = instant.replace(minute=0, second=0, microsecond=0)
    return hour if bucket == "hour" else hour.replace(hour=0)
