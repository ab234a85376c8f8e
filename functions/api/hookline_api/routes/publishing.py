"""POST /v1/tenants/{tenant}/events and events/batch."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.event.fields import BatchFields, EventFields
from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.net.header_rules import MAX_HOPS, hops_published, read_traceparent, trace_id
from hookline.errors import Conflict, HooklineError
from hookline.problems import MOST_ERRORS, problem_of
from hookline.services.event.publish import Accepted, Publish, PublishBatch
from hookline_api.http.call import MAX_BATCH_BYTES, Authorize, Call, Reply, json_reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import event as shapes

_ALL = "/v1/tenants/<tenant>/events"
_MOST_ERRORS = 1_000
"""The most broken rules in the answer to a batch: Lambda answers with 6 MB at most."""

_TRACE = {
    "traceparent": "W3C Trace Context: the trace goes on in every call made for the event, and its"
    " id stands in the log. What is not valid is passed over."
}


class PublishRoutes:
    """Publishing one event or a batch."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        publish: Publish,
        publish_batch: PublishBatch,
    ) -> None:
        self._authorize = authorize
        self._publish = publish
        self._publish_batch = publish_batch

    def endpoints(self) -> Sequence[Endpoint]:
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
                body=EventFields,
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
                body=BatchFields,
                headers=_TRACE,
                answers={200: shapes.BatchAnswer},
                refusals=(429,),
            ),
        )

    def publish(self, call: Call, tenant: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.PUBLISH_EVENT)
        traceparent = read_traceparent(call.headers.get("traceparent"))
        hops = _hops(call)
        accepted = self._publish(owner, call.document(), traceparent=traceparent, hops=hops)
        call.notes.update(
            event_id=accepted.id,
            event_type=accepted.type,
            duplicate=accepted.duplicate or None,
            trace_id=trace_id(traceparent),
        )
        return json_reply(_accepted_json(accepted), 202)

    def publish_batch(self, call: Call, tenant: str) -> Reply:
        """200 with one result for each event."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.PUBLISH_EVENT)
        events = BatchFields.of(call.document(MAX_BATCH_BYTES)).events
        traceparent = read_traceparent(call.headers.get("traceparent"))
        hops = _hops(call)
        results = self._publish_batch(owner, events, traceparent=traceparent, hops=hops)
        items = _results_json(results)
        event_ids = [item["id"] for item in items if "id" in item]
        call.notes.update(event_ids=event_ids, trace_id=trace_id(traceparent))
        return json_reply({"items": items})


def _hops(call: Call) -> int:
    """Raises Conflict where webhooks call the API in a loop."""
    hops = hops_published(call.headers)
    if hops > MAX_HOPS + 1:
        raise Conflict(
            f"What led to this call has been through here {hops - 1} times, as in a loop.",
            "loop_stopped",
        )
    return hops


def _results_json(results: Sequence[Accepted | HooklineError]) -> list[dict[str, object]]:
    """One result for each event.

    Together they name a bounded number of broken rules, each event its first.
    """
    left = _MOST_ERRORS
    items: list[dict[str, object]] = []
    for result in results:
        if isinstance(result, HooklineError):
            problem = problem_of(result, min(MOST_ERRORS, max(1, left)))
            named = problem.get("errors")
            left -= len(named) if isinstance(named, list) else 0
            items.append({"problem": problem})
        else:
            items.append(_accepted_json(result))
    return items


def _accepted_json(accepted: Accepted) -> dict[str, object]:
    return {"id": accepted.id, "type": accepted.type, "duplicate": accepted.duplicate}
