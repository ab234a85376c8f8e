"""POST /v1/tenants/{tenant}/events, events/batch and events/dry-run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from aws_lambda_powertools.event_handler import Request, Response

from hookline.domain.identity.rights import Action
from hookline.domain.net.traceparent import read as read_traceparent
from hookline.domain.net.traceparent import trace_id
from hookline.errors import FieldError, HooklineError, Rejected
from hookline.services.event.publish import Accepted, Publish, PublishBatch
from hookline.services.fan_out.dry_run import DryRun
from hookline_api.http import problems
from hookline_api.http.bodies import json_object
from hookline_api.http.call import MAX_BATCH_BYTES, Authorize, call_of, note
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id
from hookline_api.http.replies import json_reply
from hookline_api.schemas import event as shapes

_ALL = "/v1/tenants/<tenant>/events"
MAX_BATCH = 100
_TRACE = {
    "traceparent": "W3C Trace Context: the trace goes on in every call made for the event, and its"
    " id stands in the log. What is not valid is passed over."
}


class PublishRoutes:
    """Publishing one event or a batch, and asking where one would go."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        publish: Publish,
        publish_batch: PublishBatch,
        dry_run: DryRun,
    ) -> None:
        self._authorize = authorize
        self._publish = publish
        self._publish_batch = publish_batch
        self._dry_run = dry_run

    def endpoints(self) -> Sequence[Endpoint]:
        """The three endpoints."""
        return (
            Endpoint(
                method="POST",
                path=_ALL,
                name="publish_event",
                summary="Publish an event",
                description="202 once the event is durable: it is never lost from then on. The"
                " same id again is answered the same way, and nothing is sent twice.",
                tag="events",
                handler=self.publish,
                body=shapes.EventInput,
                headers=_TRACE,
                answers={202: shapes.Accepted},
                refusals=(429,),
            ),
            Endpoint(
                method="POST",
                path=f"{_ALL}/batch",
                name="publish_batch",
                summary="Publish up to 100 events",
                description="One result each, in order; a refused event stops no other.",
                tag="events",
                handler=self.publish_batch,
                body=shapes.BatchInput,
                headers=_TRACE,
                answers={200: shapes.BatchAnswer},
                refusals=(429,),
            ),
            Endpoint(
                method="POST",
                path=f"{_ALL}/dry-run",
                name="dry_run_event",
                summary="Tell which webhooks would get an event",
                description="Of those the caller may see, with the reason for each. Nothing is"
                " stored or sent.",
                tag="events",
                handler=self.dry_run,
                body=shapes.EventInput,
                answers={200: shapes.DryRun},
            ),
        )

    def publish(self, request: Request, tenant: str) -> Response[str]:
        """202."""
        call, owner = call_of(request), tenant_id(tenant)
        self._authorize(call.principal, owner, Action.PUBLISH_EVENT)
        traceparent = read_traceparent(call.headers.get("traceparent"))
        accepted = self._publish(owner, json_object(call.json()), traceparent=traceparent)
        note(
            request,
            event_id=accepted.id,
            event_type=accepted.type,
            duplicate=accepted.duplicate or None,
            trace_id=trace_id(traceparent),
        )
        return json_reply(_accepted_json(accepted), 202)

    def publish_batch(self, request: Request, tenant: str) -> Response[str]:
        """200 with one result for each event."""
        call, owner = call_of(request), tenant_id(tenant)
        self._authorize(call.principal, owner, Action.PUBLISH_EVENT)
        events = _batch(json_object(call.json(MAX_BATCH_BYTES)))
        traceparent = read_traceparent(call.headers.get("traceparent"))
        results = self._publish_batch(owner, events, traceparent=traceparent)
        items = [_result_json(result) for result in results]
        event_ids = [item["id"] for item in items if "id" in item]
        note(request, event_ids=event_ids, trace_id=trace_id(traceparent))
        return json_reply({"items": items})

    def dry_run(self, request: Request, tenant: str) -> Response[str]:
        """One verdict for each visible webhook."""
        call, owner = call_of(request), tenant_id(tenant)
        caller = self._authorize(call.principal, owner, Action.DRY_RUN)
        verdicts = self._dry_run(
            owner, json_object(call.json()), partial(self._authorize.visible, caller, owner)
        )
        return json_reply(
            {
                "items": [
                    {
                        "webhook_id": verdict.webhook.id,
                        "name": verdict.webhook.name,
                        "matched": verdict.matched,
                        "reason": verdict.reason,
                    }
                    for verdict in verdicts.items
                ],
                "truncated": verdicts.truncated,
            }
        )


def _result_json(result: Accepted | HooklineError) -> dict[str, object]:
    if isinstance(result, HooklineError):
        return {"problem": problems.problem_of(result)}
    return _accepted_json(result)


def _accepted_json(accepted: Accepted) -> dict[str, object]:
    return {"id": accepted.id, "type": accepted.type, "duplicate": accepted.duplicate}


def _batch(body: Mapping[str, object]) -> Sequence[object]:
    errors = [FieldError(name, "is not a known field") for name in body if name != "events"]
    events = body.get("events")
    if not isinstance(events, list):
        errors.append(FieldError("events", "must be a list of events"))
    elif not 1 <= len(events) <= MAX_BATCH:
        errors.append(FieldError("events", f"must have 1 to {MAX_BATCH} items"))
    elif not errors:
        return events
    raise Rejected(errors)
