"""The port `RecoverJobs`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.ids import DeliveryId, JobId, TenantId
from tests.builders import NOW, PRINCIPAL, TENANT, WEBHOOK_ID, an_id
from tests.contract.ports import RETENTION, Ports


def a_job(**overrides: Any) -> RecoverJob:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "webhook_id": WEBHOOK_ID,
        "id": JobId(an_id("job")),
        "status": JobStatus.RUNNING,
        "since": NOW - timedelta(hours=1),
        "until": NOW,
        "statuses": (Status.FAILED,),
        "rate_per_second": 10,
        "matched": 7,
        "created_at": NOW,
        "created_by": PRINCIPAL,
        "updated_at": NOW,
    }
    return RecoverJob(**(values | overrides))


def further(job: RecoverJob, **changes: Any) -> RecoverJob:
    return replace(job, version=job.version + 1, **changes)


EVERYTHING = a_job(
    status=JobStatus.CANCELLED,
    statuses=(Status.FAILED, Status.CANCELLED),
    types=("flow.executed", "other"),
    rate_per_second=0.5,
    resent=3,
    passed_over=1,
    before=DeliveryId(an_id("dlv")),
    finished_at=NOW,
    version=4,
)


@pytest.mark.parametrize("job", [a_job(), EVERYTHING], ids=["new", "everything"])
def test_a_job_reads_as_it_was_created(ports: Ports, job: RecoverJob) -> None:
    ports.recover_jobs.create(job)
    assert ports.recover_jobs.get(TENANT, WEBHOOK_ID, job.id) == job
    assert ports.recover_jobs.get(TenantId("globex"), WEBHOOK_ID, job.id) is None


def test_creating_it_again_sets_no_progress_back(ports: Ports) -> None:
    job = a_job()
    ports.recover_jobs.create(job)
    ports.recover_jobs.replace(job, further(job, resent=2))
    ports.recover_jobs.create(job)
    assert ports.recover_jobs.get(TENANT, WEBHOOK_ID, job.id) == further(job, resent=2)


def test_of_two_changes_of_one_version_the_second_loses(ports: Ports) -> None:
    job = a_job()
    ports.recover_jobs.create(job)
    cancelled = further(job, status=JobStatus.CANCELLED, finished_at=NOW)
    assert ports.recover_jobs.replace(job, cancelled)
    assert not ports.recover_jobs.replace(job, further(job, resent=2))
    assert ports.recover_jobs.get(TENANT, WEBHOOK_ID, job.id) == cancelled


def test_the_same_change_again_stands(ports: Ports) -> None:
    job = a_job()
    ports.recover_jobs.create(job)
    after = further(job, resent=1, before=DeliveryId(an_id("dlv")))
    assert ports.recover_jobs.replace(job, after)
    assert ports.recover_jobs.replace(job, after)


def test_a_job_that_is_not_there_cannot_be_changed(ports: Ports) -> None:
    job = a_job()
    assert not ports.recover_jobs.replace(job, further(job))
    assert ports.recover_jobs.get(TENANT, WEBHOOK_ID, job.id) is None


def test_running_jobs_are_listed_oldest_first_until_they_end(ports: Ports) -> None:
    first, second, ended = a_job(), a_job(tenant=TenantId("globex")), EVERYTHING
    for job in (second, ended, first):
        ports.recover_jobs.create(job)
    assert list(ports.recover_jobs.running()) == [first, second]
    ports.recover_jobs.replace(first, further(first, status=JobStatus.DONE, finished_at=NOW))
    assert list(ports.recover_jobs.running()) == [second]


def test_an_expired_job_is_gone(ports: Ports) -> None:
    job = a_job()
    ports.recover_jobs.create(job)
    ports.clock.advance(RETENTION)
    assert ports.recover_jobs.get(TENANT, WEBHOOK_ID, job.id) is None
    assert list(ports.recover_jobs.running()) == []


def test_the_jobs_of_a_webhook_are_listed_newest_first_by_pages(ports: Ports) -> None:
    jobs = [a_job(id=JobId(an_id("job"))) for _ in range(3)]
    for job in jobs:
        ports.recover_jobs.create(job)
    ports.recover_jobs.create(a_job(tenant=TenantId("globex")))
    newest = sorted(jobs, key=lambda job: job.id, reverse=True)
    first, after = ports.recover_jobs.page(TENANT, WEBHOOK_ID, 2, None)
    assert (list(first), after) == (newest[:2], newest[1].id)
    rest, end = ports.recover_jobs.page(TENANT, WEBHOOK_ID, 2, after)
    assert (list(rest), end) == (newest[2:], None)


def test_a_job_that_has_expired_is_not_listed(ports: Ports) -> None:
    ports.recover_jobs.create(a_job())
    ports.clock.advance(RETENTION + timedelta(days=1))
    assert ports.recover_jobs.page(TENANT, WEBHOOK_ID, 2, None) == ([], None)
