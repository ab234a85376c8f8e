"""Counts a webhook's deliveries: how they ended, how fast, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.errors import Unavailable
from hookline.ports import Clock, Concurrently
from hookline.ports.deliveries import DeliveryLog, LogSearch

MOST_DELIVERIES = 10_000
"""The newest deliveries, as many as one answer considers (product rule)."""

_PAGE = 1_000
_MOST_PAGES = 20
"""Pages of large deliveries are short; some ten seconds of reading are enough."""

Bucket = Literal["hour", "day"]

_WAITING = frozenset({Status.CREATED, Status.RETRYING})


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of the last attempts with a response; None if there were none."""

    p50: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of deliveries. ``success_rate`` considers those that succeeded or failed."""

    totals: Mapping[Status, int]
    success_rate: float | None
    latency: Latency


@dataclass(frozen=True, slots=True)
class Stats:
    """Totals, and counts by hour or day of creation, oldest first.

    ``answers`` counts how last attempts ended: by status code, or by the kind of their error.
    ``oldest_waiting`` is when the oldest that has not ended was created.
    ``truncated`` when there are more than were looked at: the oldest are missing.
    """

    overall: Counts
    answers: Mapping[str, int]
    oldest_waiting: datetime | None
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
        """Of deliveries created at ``since`` or later and before ``until``."""
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
        return stats_of(found, bucket, truncated=before is not None)


def stats_of(newest_first: Sequence[Delivery], bucket: Bucket, *, truncated: bool) -> Stats:
    """Totals, and counts by hour or day of creation."""
    buckets: dict[datetime, list[Delivery]] = {}
    for delivery in reversed(newest_first):
        buckets.setdefault(_start_of(delivery.created_at, bucket), []).append(delivery)
    waiting = [each.created_at for each in newest_first if each.status in _WAITING]
    return Stats(
        counts_of(newest_first),
        Counter(filter(None, map(_answer, newest_first))),
        min(waiting, default=None),
        [(start, counts_of(deliveries)) for start, deliveries in sorted(buckets.items())],
        truncated=truncated,
    )


_RECENT_HOURS = 24
_MOST_RECENT = 200
"""Deliveries of one webhook: some 25 read units, so that a list of a hundred stays within a few
thousand."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The deliveries of the last day, at most `_MOST_RECENT`, and counts by hour, oldest first.

    ``next_attempt_at`` is the first planned of those that wait for their own time.
    """

    counts: Counts
    last_success_at: datetime | None
    next_attempt_at: datetime | None
    series: Sequence[tuple[datetime, Mapping[Status, int]]]
    truncated: bool


class RecentStats:
    """Reads a part of the logs of many webhooks side by side."""

    def __init__(self, log: DeliveryLog, clock: Clock, concurrently: Concurrently) -> None:
        self._log = log
        self._clock = clock
        self._concurrently = concurrently

    def __call__(
        self, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Recent]:
        """Of at most 100 webhooks. Raises Unavailable."""
        hour = _start_of(self._clock(), "hour")
        since = hour - timedelta(hours=_RECENT_HOURS - 1)

        def read(webhook_id: WebhookId) -> tuple[WebhookId, Recent | Unavailable]:
            try:
                found, more = self._log.page(
                    tenant,
                    webhook_id,
                    _MOST_RECENT,
                    since=since,
                    search=LogSearch(looks_at=_MOST_RECENT),
                )
            except Unavailable as error:
                return webhook_id, error
            return webhook_id, _recent(found, since, truncated=more is not None)

        results = dict(self._concurrently(read, webhook_ids))
        recent: dict[WebhookId, Recent] = {}
        for webhook_id, result in results.items():
            if isinstance(result, Unavailable):
                raise result
            recent[webhook_id] = result
        return recent


def _recent(found: Sequence[Delivery], since: datetime, *, truncated: bool) -> Recent:
    by_hour = {
        since + timedelta(hours=number): Counter[Status]() for number in range(_RECENT_HOURS)
    }
    for delivery in found:
        by_hour[_start_of(delivery.created_at, "hour")][delivery.status] += 1
    series = [
        (start, {status: totals[status] for status in Status}) for start, totals in by_hour.items()
    ]
    succeeded = (each.finished_at for each in found if each.status is Status.SUCCESS)
    planned = (each.next_attempt_at for each in found if each.status in _WAITING)
    return Recent(
        counts_of(found),
        max(filter(None, succeeded), default=None),
        min(filter(None, planned), default=None),
        series,
        truncated,
    )


def counts_of(deliveries: Sequence[Delivery]) -> Counts:
    """The counts of these deliveries."""
    totals = Counter(delivery.status for delivery in deliveries)
    ended = totals[Status.SUCCESS] + totals[Status.FAILED]
    durations = sorted(_durations(deliveries))
    return Counts(
        {status: totals[status] for status in Status},
        round(totals[Status.SUCCESS] / ended, 4) if ended else None,
        Latency(_percentile(durations, 50), _percentile(durations, 95)),
    )


def _answer(delivery: Delivery) -> str | None:
    last = delivery.last_attempt
    if last is None:
        return None
    if last.response is not None:
        return str(last.response.status)
    return last.error.kind if last.error else None


def _durations(deliveries: Iterable[Delivery]) -> Iterable[int]:
    for delivery in deliveries:
        last = delivery.last_attempt
        if last is not None and last.response is not None:
            yield round(last.duration / timedelta(milliseconds=1))


def _percentile(ascending: Sequence[int], percent: int) -> int | None:
    """By nearest rank: always a measured value."""
    if not ascending:
        return None
    rank = -(-percent * len(ascending) // 100)
    return ascending[rank - 1]


def _start_of(instant: datetime, bucket: Bucket) -> datetime:
    hour = instant.replace(minute=0, second=0, microsecond=0)
    return hour if bucket == "hour" else hour.replace(hour=0)
