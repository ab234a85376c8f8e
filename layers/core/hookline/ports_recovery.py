"""What recover jobs need from outside.

As with `hookline.ports`: a method does all it says, or raises `hookline.errors.Unavailable`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.recover_job import JobId, RecoverJob


class RecoverJobs(Protocol):
    """The jobs of all webhooks, each changed by compare and set."""

    def create(self, job: RecoverJob) -> None:
        """Writes a job with an id of its own; the same one again changes nothing."""
        ...

    def get(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob | None: ...

    def replace(self, before: RecoverJob, after: RecoverJob) -> bool:
        """False when ``before`` is no longer the version that stands."""
        ...

    def running(self) -> Iterable[RecoverJob]:
        """All that are running, oldest first; the index may lag a moment."""
        ...
