"""A recover job as an item of ``recover-jobs``."""

from __future__ import annotations

from datetime import timedelta

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.ids import DeliveryId, JobId, PrincipalId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso


def to_item(job: RecoverJob, retention: timedelta) -> Item:
    """Only a job that is running is in the index."""
    return {
        **keys.recover_job(job.tenant, job.webhook_id, job.id),
        "running": keys.RUNNING if job.status is JobStatus.RUNNING else None,
        "tenant": job.tenant,
        "webhook_id": job.webhook_id,
        "status": job.status.value,
        "since": iso(job.since),
        "until": iso(job.until),
        "statuses": [status.value for status in job.statuses],
        "types": list(job.types),
        "rate_per_second": job.rate_per_second,
        "matched": job.matched,
        "resent": job.resent,
        "passed_over": job.passed_over,
        "before": job.before,
        "created_at": iso(job.created_at),
        "created_by": job.created_by,
        "updated_at": iso(job.updated_at),
        "finished_at": iso(job.finished_at) if job.finished_at else None,
        "version": job.version,
        "ttl": int((job.created_at + retention).timestamp()),
    }


def from_item(item: Item) -> RecoverJob:
    """The job that `to_item` made the item of."""
    return RecoverJob(
        tenant=TenantId(item["tenant"]),
        webhook_id=WebhookId(item["webhook_id"]),
        id=JobId(item["job_id"]),
        status=JobStatus(item["status"]),
        since=from_iso(item["since"]),
        until=from_iso(item["until"]),
        statuses=tuple(Status(status) for status in item["statuses"]),
        types=tuple(item["types"]),
        rate_per_second=item["rate_per_second"],
        matched=item["matched"],
        resent=item["resent"],
        passed_over=item["passed_over"],
        before=DeliveryId(item["before"]) if "before" in item else None,
        created_at=from_iso(item["created_at"]),
        created_by=PrincipalId(item["created_by"]),
        updated_at=from_iso(item["updated_at"]),
        finished_at=from_iso(item["finished_at"]) if "finished_at" in item else None,
        version=item["version"],
    )
