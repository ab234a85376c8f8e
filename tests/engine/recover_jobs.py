"""Recover jobs in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.ids import JobId, TenantId, WebhookId
from hookline.ports import Clock
from tests.engine.clock import not_expired


class InMemoryRecoverJobs:
    """`RecoverJobs`."""

    def __init__(self, retention: timedelta, clock: Clock) -> None:
        self._jobs: dict[tuple[TenantId, WebhookId, JobId], RecoverJob] = {}
        self._retention = retention
        self._clock = clock

    def create(self, job: RecoverJob) -> None:
        self._jobs.setdefault(_name(job), job)

    def get(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob | None:
        job = self._jobs.get((tenant, webhook_id, job_id))
        return job if job and self._live(job) else None

    def replace(self, before: RecoverJob, after: RecoverJob) -> bool:
        standing = self._jobs.get(_name(after))
        if standing == after:
            return True
        if standing is None or standing.version != before.version:
            return False
        self._jobs[_name(after)] = after
        return True

    def page(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, before: JobId | None
    ) -> tuple[Sequence[RecoverJob], JobId | None]:
        jobs = [job for (*of, _), job in self._jobs.items() if of == [tenant, webhook_id]]
        older = [job for job in jobs if before is None or job.id < before]
        newest = sorted(older, key=lambda job: job.id, reverse=True)
        shown = [job for job in newest[:limit] if self._live(job)]
        return shown, newest[limit - 1].id if len(newest) > limit else None

    def running(self) -> Iterable[RecoverJob]:
        jobs = sorted(self._jobs.values(), key=lambda job: job.id)
        return [job for job in jobs if job.status is JobStatus.RUNNING and self._live(job)]

    def _live(self, job: RecoverJob) -> bool:
        return not_expired(job.created_at, self._retention, self._clock())


def _name(job: RecoverJob) -> tuple[TenantId, WebhookId, JobId]:
    return job.tenant, job.webhook_id, job.id
