"""Starts, shows and cancels recover jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.delivery.recover_rules import Recovery, recovery_of
from hookline.domain.ids import DeliveryId, JobId, PrincipalId, TenantId, WebhookId, new_id
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.deliveries import DeliveryLog, RecoverJobs
from hookline.ports.webhooks import Webhooks
from hookline.services.waiting.advance_recovery import AdvanceRecovery

_PAGE = 1_000
_TRIES = 5

_AT_ONCE = 50
"""Deliveries sent before the request is answered; the scheduler sends the others."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A dry run: how many deliveries would be attempted again."""

    matched: int


class Recover:
    """Recover jobs of webhooks. The scheduler continues them, once a minute, at their rate."""

    def __init__(
        self,
        *,
        jobs: RecoverJobs,
        log: DeliveryLog,
        webhooks: Webhooks,
        advance: AdvanceRecovery,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._jobs = jobs
        self._log = log
        self._webhooks = webhooks
        self._advance = advance
        self._clock = clock
        self._randomness = randomness

    def start(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        document: Mapping[str, object],
        by: PrincipalId,
        has_time: Callable[[], bool],
    ) -> RecoverJob | Counted:
        """Counts what matches and, unless it is a dry run, starts at once.

        Counting stops when the time is up; the job covers more than was counted then. Raises
        NotFound, Rejected, Conflict while the webhook is off, and Unavailable.
        """
        now = floor_to_millis(self._clock())
        webhook = self._webhooks.get(tenant, webhook_id)
        if webhook is None:
            raise NotFound
        recovery = recovery_of(document, now)
        matched = self._count(tenant, webhook_id, recovery, has_time)
        if recovery.dry_run:
            return Counted(matched)
        if not webhook.enabled:
            raise Conflict(
                "The webhook is off. Switch it on to recover its deliveries.", "webhook_off"
            )
        job = RecoverJob(
            tenant=tenant,
            webhook_id=webhook_id,
            id=JobId(new_id("job", now, self._randomness(10))),
            status=JobStatus.RUNNING,
            since=recovery.since,
            until=recovery.until,
            statuses=recovery.statuses,
            types=recovery.types,
            rate_per_second=recovery.rate_per_second,
            matched=matched,
            created_at=now,
            created_by=by,
            updated_at=now,
        )
        self._jobs.create(job)
        return self._advance(job, has_time, _AT_ONCE)

    def page(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, before: JobId | None
    ) -> tuple[Sequence[RecoverJob], JobId | None]:
        """The jobs of a webhook, newest first. Raises NotFound where there is no such webhook."""
        jobs, after = self._jobs.page(tenant, webhook_id, limit, before)
        if not jobs and self._webhooks.get(tenant, webhook_id) is None:
            raise NotFound
        return jobs, after

    def get(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob:
        """Raises NotFound."""
        job = self._jobs.get(tenant, webhook_id, job_id)
        if job is None:
            raise NotFound
        return job

    def cancel(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob:
        """The job, which sends nothing more. Raises NotFound, and Conflict once it has ended."""
        for _ in range(_TRIES):
            job = self.get(tenant, webhook_id, job_id)
            if job.status is not JobStatus.RUNNING:
                raise Conflict(f"The job has ended: {job.status}.", "job_ended")
            now = floor_to_millis(self._clock())
            cancelled = replace(
                job,
                status=JobStatus.CANCELLED,
                finished_at=now,
                updated_at=now,
                version=job.version + 1,
            )
            if self._jobs.replace(job, cancelled):
                return cancelled
        raise Conflict("The job is changing. Try again.", "edit_conflict")

    def _count(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        recovery: Recovery,
        has_time: Callable[[], bool],
    ) -> int:
        matched = 0
        before: DeliveryId | None = None
        while has_time():
            page, before = self._log.page(
                tenant,
                webhook_id,
                _PAGE,
                before=before,
                statuses=recovery.statuses,
                types=recovery.types,
                since=recovery.since,
                until=recovery.until,
            )
            matched += len(page)
            if before is None:
                break
        return matched
