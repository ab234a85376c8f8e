"""Recover jobs: sends what is due of them in each minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.domain.delivery.changing import retry_now
from hookline.domain.delivery.delivery import Delivery
from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.delivery.recover_rules import is_for
from hookline.domain.delivery.rotation import ALL, Share, rotated
from hookline.domain.ids import DeliveryId
from hookline.domain.times import floor_to_millis
from hookline.ports import Clock
from hookline.services.waiting.round_robin import Failure, RoundRobin
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

if TYPE_CHECKING:
    from hookline.ports.deliveries import DeliveryLog, RecoverJobs
    from hookline.ports.webhooks import Webhooks

_ROUND = timedelta(minutes=1)
_PAGE = 100


class AdvanceRecovery:
    """Gives deliveries a new generation, and each a message at its time.

    Deliveries are written before the job's progress: after a crash in between, those that were done
    have been attempted since the job began, and are skipped.
    """

    def __init__(
        self,
        *,
        jobs: RecoverJobs,
        webhooks: Webhooks,
        log: DeliveryLog,
        waiting: WaitingDeliveries,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._webhooks = webhooks
        self._log = log
        self._waiting = waiting
        self._clock = clock

    def __call__(
        self, job: RecoverJob, has_time: Callable[[], bool], most: int | None = None
    ) -> RecoverJob:
        """The job afterwards; ``most`` bounds how many deliveries are sent, besides its rate.

        Raises Unavailable.
        """
        webhook = self._webhooks.get(job.tenant, job.webhook_id)
        if webhook is None:
            return self._put(job, self._moved(job, 0, 0, None))
        if not webhook.enabled:
            return job  # goes on once the webhook is on again
        a_minute = max(1, int(job.rate_per_second * _ROUND.total_seconds()))
        allowance = a_minute if most is None else min(a_minute, most)
        # Those sent before come first: many were sent at once when the job was started.
        taken = timedelta(seconds=job.resent / job.rate_per_second)
        first = max(floor_to_millis(self._clock()), job.created_at + taken)
        sent = 0
        while sent < allowance and job.status is JobStatus.RUNNING and has_time():
            at = first + timedelta(seconds=sent / job.rate_per_second)
            after, count = self._page(job, min(_PAGE, allowance - sent), at)
            sent += count
            job = self._put(job, after)
            if job is not after:
                break
        return job

    def _put(self, before: RecoverJob, after: RecoverJob) -> RecoverJob:
        """The stored job: another one if it was cancelled, or another round changed it."""
        if self._jobs.replace(before, after):
            return after
        return self._jobs.get(before.tenant, before.webhook_id, before.id) or before

    def _page(self, job: RecoverJob, limit: int, at: datetime) -> tuple[RecoverJob, int]:
        page, before = self._log.page(
            job.tenant,
            job.webhook_id,
            limit,
            before=job.before,
            statuses=job.statuses,
            types=job.types,
            since=job.since,
            until=job.until,
        )
        found = self._waiting.read([delivery.key for delivery in page])
        due = [delivery for delivery in found if is_for(job, delivery)]
        count = self._waiting.put(self._changes(job, due, at))
        return self._moved(job, count, len(page) - count, before), count

    def _changes(
        self, job: RecoverJob, deliveries: Sequence[Delivery], first: datetime
    ) -> Sequence[Change]:
        now = floor_to_millis(self._clock())
        changes = []
        for number, delivery in enumerate(deliveries):
            wait = first - now + timedelta(seconds=number / job.rate_per_second)
            wait = max(wait, timedelta(0))
            changes.append(Change(delivery, retry_now(delivery, now + wait), wait))
        return changes

    def _moved(
        self, job: RecoverJob, resent: int, passed_over: int, before: DeliveryId | None
    ) -> RecoverJob:
        now = floor_to_millis(self._clock())
        ended = before is None
        return replace(
            job,
            resent=job.resent + resent,
            passed_over=job.passed_over + passed_over,
            before=before,
            status=JobStatus.DONE if ended else job.status,
            finished_at=now if ended else None,
            updated_at=now,
            version=job.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Advanced:
    """How many deliveries were sent again; ``failed`` are the jobs that ended with an error."""

    resent: int
    failed: Sequence[Failure] = ()
    cut_short: bool = False


class AdvanceRecoveries:
    """One round over all jobs that are running."""

    def __init__(self, *, jobs: RecoverJobs, advance: AdvanceRecovery, clock: Clock) -> None:
        self._jobs = jobs
        self._advance = advance
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool], share: Share = ALL) -> Advanced:
        """Raises Unavailable. Each round starts with other jobs, in case the time is not enough."""
        mine = [job for job in self._jobs.running() if share.has(job.id)]
        circle = rotated(mine, self._clock(), _ROUND)
        round_robin = RoundRobin(has_time)
        resent = sum(
            round_robin(
                circle,
                lambda job: self._turn(job, has_time),
                whose=lambda job: f"{job.tenant}/{job.id}",
                tenant=lambda job: job.tenant,
            )
        )
        return Advanced(resent, round_robin.failed, round_robin.cut_short)

    def _turn(self, job: RecoverJob, has_time: Callable[[], bool]) -> Iterator[int]:
        yield self._advance(job, has_time).resent - job.resent
