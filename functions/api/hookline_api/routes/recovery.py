"""POST …/webhooks/{webhook}/test, and …/recover with its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hookline.domain.delivery.recover_job import RecoverJob
from hookline.domain.delivery.recover_rules import RecoverFields
from hookline.domain.identity.acts import Action
from hookline.domain.ids import JobId, TenantId, is_id
from hookline.domain.times import iso
from hookline.domain.webhook.fields import TestFields
from hookline.errors import NotFound
from hookline.ports import Clock
from hookline.services.waiting.recover import Counted, Recover
from hookline.services.webhook.send_sample import SendTest
from hookline_api.http.call import Authorize, Call, Reply, json_reply, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import delivery as delivery_shapes
from hookline_api.schemas import recover as shapes
from hookline_api.views.delivery import delivery_item_json

_WEBHOOK = "/v1/tenants/<tenant>/webhooks/<webhook>"
_JOB = f"{_WEBHOOK}/recover/<job>"

COUNT_FOR = timedelta(seconds=10)
"""How long a log is counted before the job begins with the count so far: well within a request."""


class RecoveryRoutes:
    """Sending tests, and recovering what failed."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        send_test: SendTest,
        recover: Recover,
        cursors: Cursors,
        clock: Clock,
    ) -> None:
        self._authorize = authorize
        self._send_test = send_test
        self._recover = recover
        self._cursors = cursors
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="POST",
                path=f"{_WEBHOOK}/test",
                name="test_webhook",
                summary="Send a sample event",
                description="To this webhook alone, marked as a test. 409 while it is off. A"
                " type or data of one's own take the right to publish as well.",
                tag="webhooks",
                handler=self.test,
                body=TestFields,
                body_required=False,
                answers={202: delivery_shapes.Delivery},
            ),
            Endpoint(
                method="POST",
                path=f"{_WEBHOOK}/recover",
                name="recover_webhook",
                summary="Attempt again what failed in a time range",
                description="One job, which starts at once. A dry run answers 200 and the count.",
                tag="deliveries",
                handler=self.start,
                body=RecoverFields,
                located=202,
                answers={200: shapes.Counted, 202: shapes.RecoverJob},
            ),
            Endpoint(
                method="GET",
                path=f"{_WEBHOOK}/recover",
                name="list_recover_jobs",
                summary="List recoveries, newest first",
                tag="deliveries",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.RecoverJobPage},
            ),
            Endpoint(
                method="GET",
                path=_JOB,
                name="get_recover_job",
                summary="Read how far a recovery has come",
                tag="deliveries",
                handler=self.get,
                answers={200: shapes.RecoverJob},
            ),
            Endpoint(
                method="POST",
                path=f"{_JOB}/cancel",
                name="cancel_recover_job",
                summary="Stop a recovery",
                description="What it has sent stays sent. 409 once it has ended.",
                tag="deliveries",
                handler=self.cancel,
                answers={200: shapes.RecoverJob},
            ),
        )

    def test(self, call: Call, tenant: str, webhook: str) -> Reply:
        """202 with the delivery, which is attempted in a moment."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.TEST_WEBHOOK, of)
        document = call.document()
        if any(value is not None for value in document.values()):
            # The caller's data is signed like a real event: that requires the right to publish.
            self._authorize(caller, owner, Action.PUBLISH_EVENT)
        delivery = self._send_test(owner, of, document)
        return json_reply(delivery_item_json(delivery), 202)

    def start(self, call: Call, tenant: str, webhook: str) -> Reply:
        """202 with the job; 200 with the count for a dry run."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.RECOVER, of)
        until = self._clock() + COUNT_FOR
        started = self._recover.start(
            owner, of, call.document(), caller.id, lambda: self._clock() < until
        )
        if isinstance(started, Counted):
            return json_reply({"matched": started.matched})
        location = f"/v1/tenants/{owner}/webhooks/{of}/recover/{started.id}"
        return json_reply(_job_json(started), 202, {"Location": location})

    def list(self, call: Call, tenant: str, webhook: str, query: PageQuery) -> Reply:
        owner, of = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_RECOVER_JOBS, of)
        page = self._cursors.page(query, owner, f"{_WEBHOOK}/recover", of)
        jobs, after = self._recover.page(owner, of, query.limit, page.at(JobId))
        return page.reply(jobs, _job_json, after)

    def get(self, call: Call, tenant: str, webhook: str, job: str) -> Reply:
        owner, of, wanted = TenantId(tenant), webhook_id(webhook), _job_id(job)
        self._authorize(call.principal, owner, Action.READ_RECOVER_JOBS, of)
        return json_reply(_job_json(self._recover.get(owner, of, wanted)))

    def cancel(self, call: Call, tenant: str, webhook: str, job: str) -> Reply:
        owner, of, wanted = TenantId(tenant), webhook_id(webhook), _job_id(job)
        self._authorize(call.principal, owner, Action.RECOVER, of)
        call.no_document()
        return json_reply(_job_json(self._recover.cancel(owner, of, wanted)))


def _job_id(text: str) -> JobId:
    if not is_id("job", text):
        raise NotFound
    return JobId(text)


def _job_json(job: RecoverJob) -> dict[str, object]:
    return {
        "id": job.id,
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
        "remaining": job.remaining,
        "created_at": iso(job.created_at),
        "created_by": job.created_by,
        "updated_at": iso(job.updated_at),
        "finished_at": None if job.finished_at is None else iso(job.finished_at),
    }
