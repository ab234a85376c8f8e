"""GET /v1/tenants/{tenant}/events/{event}/why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hookline.domain.identity.acts import Action
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId
from hookline.errors import Forbidden
from hookline.services.fan_out.explain_event import ExplainEvent
from hookline_api.http.call import Authorize, Call, Reply, event_id, json_reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import event as shapes


class WhyRoutes:
    """Why an event did or did not arrive."""

    def __init__(self, *, authorize: Authorize, explain: ExplainEvent) -> None:
        self._authorize = authorize
        self._explain = explain

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path="/v1/tenants/<tenant>/events/<event>/why",
                name="explain_event",
                summary="Tell why an event did or did not reach each webhook",
                description="Of those the caller may see, the newest 300. What was not sent is"
                " explained by the configuration as it is now. `evidence` holds what was seen of"
                " the event only for who may read events.",
                tag="events",
                handler=self.why,
                answers={200: shapes.Whys},
            ),
        )

    def why(self, call: Call, tenant: str, event: str) -> Reply:
        """One answer for each visible webhook."""
        owner, wanted = TenantId(tenant), event_id(event)
        caller = self._authorize(call.principal, owner, Action.EXPLAIN_EVENT)
        whys = self._explain(
            owner,
            wanted,
            partial(self._authorize.visible, caller, owner),
            reveals=self._may_read(caller, owner),
        )
        return json_reply(
            {
                "items": [
                    {
                        "webhook_id": why.webhook.id,
                        "name": why.webhook.name,
                        "outcome": why.outcome,
                        "reason": why.reason,
                        "evidence": dict(why.evidence),
                    }
                    for why in whys.items
                ],
                "truncated": whys.truncated,
            }
        )

    def _may_read(self, caller: Principal, tenant: TenantId) -> bool:
        try:
            self._authorize(caller, tenant, Action.READ_EVENTS)
        except Forbidden:
            return False
        return True
