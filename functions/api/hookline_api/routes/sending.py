"""POST /v1/tenants/{tenant}/webhooks/{webhook}/send."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.event.fields import SendFields
from hookline.domain.identity.acts import Action
from hookline.domain.ids import EventId, TenantId
from hookline.services.delivery.send_event import SendEvent
from hookline_api.http.call import Authorize, Call, Reply, json_reply, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import delivery as shapes
from hookline_api.views.delivery import delivery_item_json


class SendRoutes:
    """Sending a stored event to one webhook."""

    def __init__(self, *, authorize: Authorize, send: SendEvent) -> None:
        self._authorize = authorize
        self._send = send

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="POST",
                path="/v1/tenants/<tenant>/webhooks/<webhook>/send",
                name="send_event",
                summary="Send a stored event to one webhook",
                description="Whether or not it matched; where there is a delivery of it already,"
                " that is retried. Takes the right to publish as well. 409 while it is off.",
                tag="webhooks",
                handler=self.send,
                body=SendFields,
                answers={202: shapes.Delivery},
            ),
        )

    def send(self, call: Call, tenant: str, webhook: str) -> Reply:
        """202 with the delivery, which is attempted in a moment."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.SEND_EVENT, of)
        self._authorize(caller, owner, Action.PUBLISH_EVENT)
        given = SendFields.of(call.document())
        return json_reply(delivery_item_json(self._send(owner, of, EventId(given.event_id))), 202)
