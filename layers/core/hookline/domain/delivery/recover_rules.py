"""The rules of a request to recover: what failed in a time range is to be attempted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.delivery.recover_job import RecoverJob
from hookline.domain.documents.fields import Fields, Findings, none_of
from hookline.domain.event.patterns import MAX_PATTERN, validate_type

DEFAULT_RATE = 10.0
LOWEST_RATE = 0.1
HIGHEST_RATE = 100.0
"""Deliveries a second: an endpoint that has just recovered is not to be knocked down again."""

_MOST_TYPES = 45


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
    fields = Fields(document, Findings())
    since, until = fields.instant("since"), fields.instant("until") or now
    if not fields.has("since"):
        fields.refuse("since", "is required")
    elif since is not None and since >= until:
        fields.refuse("since", "must be before until")
    types = fields.texts("types", _MOST_TYPES, MAX_PATTERN, validate_type)
    recovery = Recovery(
        since=since or now,
        until=until,
        statuses=_statuses(fields),
        types=types,
        rate_per_second=fields.number("rate_per_second", LOWEST_RATE, HIGHEST_RATE) or DEFAULT_RATE,
        dry_run=fields.boolean("dry_run", default=False),
    )
    fields.close()
    fields.findings.settle()
    return recovery


def is_for(job: RecoverJob, delivery: Delivery) -> bool:
    """Whether the job is still to attempt the delivery again: it has not done so already."""
    last = delivery.last_attempt
    attempted = last is not None and last.started_at >= job.created_at
    asked = delivery.trigger == "retry" and not delivery.status.ended
    return delivery.status in job.statuses and not attempted and not asked


def _statuses(fields: Fields) -> tuple[Status, ...]:
    names = fields.texts(
        "statuses", len(Status), 20, lambda name: None if name in Status else none_of(Status)
    )
    return tuple(map(Status, names)) or (Status.FAILED,)
