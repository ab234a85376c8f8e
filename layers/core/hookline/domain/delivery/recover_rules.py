"""The rules of a request to recover what failed in a time range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.delivery.recover_job import RecoverJob
from hookline.domain.documents.kinds import Choice, Findings, Flag, Instant, ListOf, Number
from hookline.domain.documents.shape import Shape, defaulted, optional, required
from hookline.domain.event.fields import EVENT_TYPE

DEFAULT_RATE = 10.0
LOWEST_RATE = 0.1
HIGHEST_RATE = 100.0
"""Deliveries a second, so that an endpoint that has just recovered is not knocked over again."""


class RecoverFields(Shape):
    """What is to be attempted again."""

    since = required(Instant(), "What was created at or after this time.")
    until = optional(
        Instant(), "What was created before this time; now.", example="2026-11-22T13:00:00.000Z"
    )
    statuses = defaulted(
        ListOf(Choice(*Status), 0, len(Status)),
        (Status.FAILED,),
        "Deliveries with one of these statuses.",
        example=["failed", "cancelled"],
    )
    types = defaulted(ListOf(EVENT_TYPE, 0, 45), (), "Of these event types; of all without any.")
    rate_per_second = defaulted(
        Number(LOWEST_RATE, HIGHEST_RATE), DEFAULT_RATE, "Deliveries a second.", example=50
    )
    dry_run = defaulted(Flag(), False, "Count, and send nothing.")


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is asked for; ``dry_run`` asks for the count alone."""

    since: datetime
    until: datetime
    statuses: tuple[Status, ...]
    types: tuple[str, ...]
    rate_per_second: float
    dry_run: bool


def recovery_of(document: Mapping[str, object], now: datetime) -> Recovery:
    """Reads the request. Raises Rejected with all that is wrong."""
    findings = Findings()
    given = RecoverFields.read(document, findings)
    until = given.until or now
    if not findings.touch("since") and given.since >= until:
        findings.add("since", "must be before until")
    findings.settle()
    return Recovery(
        since=given.since,
        until=until,
        statuses=given.statuses or (Status.FAILED,),
        types=given.types,
        rate_per_second=float(given.rate_per_second),
        dry_run=given.dry_run,
    )


def is_for(job: RecoverJob, delivery: Delivery) -> bool:
    """Whether the job has yet to retry this delivery."""
    last = delivery.last_attempt
    attempted = last is not None and last.started_at >= job.created_at
    asked = delivery.trigger == "retry" and not delivery.status.ended
    return delivery.status in job.statuses and not attempted and not asked
