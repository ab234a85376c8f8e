"""A webhook's statistics."""

from __future__ import annotations

from pydantic import Field

from hookline_api.schemas.base import Answer, Timestamp


class Totals(Answer):
    """Deliveries by status."""

    created: int
    retrying: int
    success: int
    failed: int
    cancelled: int


class Latency(Answer):
    """Of the last attempts that got a response, by nearest rank."""

    p50: int | None
    p95: int | None


class Counts(Answer):
    """Some deliveries."""

    totals: Totals
    success_rate: float | None = Field(description="Of those that succeeded or failed.")
    latency_ms: Latency


class StatsBucket(Counts):
    """Those created in one hour or day."""

    start: Timestamp


class Stats(Counts):
    """Over at most the newest 10,000 deliveries; `truncated` where there are more."""

    buckets: list[StatsBucket]
    truncated: bool
