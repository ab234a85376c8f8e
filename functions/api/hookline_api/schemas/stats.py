"""A webhook's statistics."""

from __future__ import annotations

from hookline.domain.documents.shape import Object
from hookline_api.schemas.base import FLAG, MOMENT, Answer, ByName, Each, always, count, number


class Totals(Answer):
    """Deliveries by status."""

    created = always(count(0), "Before their first attempt.")
    retrying = always(count(1), "Between attempts.")
    success = always(count(96), "Arrived.")
    failed = always(count(2), "Given up.")
    cancelled = always(count(1), "Cancelled.")


class Latency(Answer):
    """Of the last attempts that got a response, by nearest rank, in milliseconds."""

    p50 = always(count(87), "The median.", nullable=True)
    p95 = always(count(412), "What 95 of 100 stay within.", nullable=True)


class Counts(Answer):
    """Some deliveries."""

    totals = always(Object(Totals), "By status.")
    success_rate = always(number(0.98), "Of those that succeeded or failed.", nullable=True)
    latency_ms = always(Object(Latency), "How long endpoints took.")


class StatsBucket(Counts):
    """Those created in one hour or day."""

    start = always(MOMENT, "When it begins.")


class States(Answer):
    """Webhooks by state."""

    healthy = always(count(7), "Their last call succeeded, or there was none.")
    failing = always(count(1), "Their last call failed.")
    open = always(count(0), "Their circuit is open.")
    off = always(count(2), "Switched off.")


class Limits(Answer):
    """What a tenant may have and do; parameters of the stack."""

    webhooks = always(count(10_000), "Webhooks; one more is a 409 `limit_reached`.")
    events_per_second = always(count(1_000), "Events that it publishes; more are a 429.")


class Stats(Counts):
    """Over at most the newest 10,000 deliveries; `truncated` where there are more."""

    answers = always(
        ByName(count(96), {"200": 96, "503": 2, "timeout": 1}),
        "How last attempts ended, by status code or by the kind of their error.",
    )
    oldest_waiting_at = always(
        MOMENT, "When the oldest was created that has not ended.", nullable=True
    )
    buckets = always(Each(Object(StatsBucket)), "Those with any delivery.")
    truncated = always(FLAG, "Whether there are more than were looked at.", example=False)


class TenantStats(Stats):
    """Over the newest deliveries of the newest webhooks that are on."""

    webhooks = always(Object(States), "How many webhooks are in which state.")
    limits = always(Object(Limits), "The tenant's own.")
