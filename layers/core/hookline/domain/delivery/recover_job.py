"""A recover job: retries what failed at one webhook in a time range, at a set rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import DeliveryId, JobId, PrincipalId, TenantId, WebhookId


class JobStatus(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverJob:
    """Retries deliveries created at ``since`` or later and before ``until`` that pass the filters.

    ``matched`` is the count when the job began. ``resent`` were given a new generation,
    ``passed_over`` were not, having changed or expired meanwhile. ``before`` is how far it has come
    through the log, newest first. ``version`` starts at 1 and grows with every change.
    """

    tenant: TenantId
    webhook_id: WebhookId
    id: JobId
    status: JobStatus
    since: datetime
    until: datetime
    statuses: tuple[Status, ...]
    types: tuple[str, ...] = ()
    rate_per_second: float
    matched: int
    resent: int = 0
    passed_over: int = 0
    before: DeliveryId | None = None
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    finished_at: datetime | None = None
    version: int = 1

    @property
    def remaining(self) -> int:
        """How many are left by the first count; none once the job has ended."""
        if self.status is not JobStatus.RUNNING:
            return 0
        return max(0, self.matched - self.resent - self.passed_over)
