"""/v1/tenants/{tenant}/inbound/messages: what came in, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from hookline.domain.documents.fields import none_of
from hookline.domain.identity.rights import Action
from hookline.domain.ids import MessageId, ProviderId
from hookline.domain.inbound.message import Progress
from hookline.errors import FieldError, Rejected
from hookline.services.inbound.read_messages import ReadMessages
from hookline.services.inbound.resubmit import Resubmit
from hookline_api.http.bodies import nothing
from hookline_api.http.call import Authorize, call_of
from hookline_api.http.cursors import DEFAULT_LIMIT, After, Cursors, Limit
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import fitting
from hookline_api.http.path_ids import message_id, tenant_id
from hookline_api.http.replies import json_reply
from hookline_api.schemas import inbound as shapes
from hookline_api.views.inbound import message_item_json, message_json

_ALL = "/v1/tenants/<tenant>/inbound/messages"
_ONE = f"{_ALL}/<message>"

StatusQuery = Annotated[str | None, Query(max_length=16, description="pending, success or failed.")]
ProviderQuery = Annotated[str | None, Query(max_length=64, description="A provider's id.")]
UriQuery = Annotated[
    str | None, Query(max_length=2048, description="The path after `/in/{tenant}/`.")
]


class MessageRoutes:
    """Reading messages and running them again."""

    def __init__(
        self, *, authorize: Authorize, read: ReadMessages, resubmit: Resubmit, cursors: Cursors
    ) -> None:
        self._authorize = authorize
        self._read = read
        self._resubmit = resubmit
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        """The three endpoints."""
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_inbound_messages",
                summary="List messages",
                description="Of the last seven days, newest first. A page with filters may hold"
                " fewer than its limit and still go on.",
                tag="inbound",
                handler=self.list,
                answers={200: shapes.MessagePage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_inbound_message",
                summary="Read a message",
                tag="inbound",
                handler=self.get,
                answers={200: shapes.Message},
            ),
            Endpoint(
                method="POST",
                path=f"{_ONE}/resubmit",
                name="resubmit_inbound_message",
                summary="Run a message again, as a new one",
                description="It is matched by the configuration as it is now, and not verified.",
                tag="inbound",
                handler=self.resubmit,
                answers={202: shapes.Message},
            ),
        )

    def list(
        self,
        request: Request,
        tenant: str,
        status: StatusQuery = None,
        provider: ProviderQuery = None,
        uri: UriQuery = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: After = None,
    ) -> Response[str]:
        """Newest first."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_MESSAGES)
        belongs_to = (owner, _ALL, status or "", provider or "", uri or "")
        position = self._cursors.open(cursor, *belongs_to)
        found, goes_on = self._read.page(
            owner,
            limit,
            before=None if position is None else MessageId(position),
            status=_progress(status),
            provider=None if provider is None else ProviderId(provider),
            uri=uri,
        )
        items, place = fitting(found, message_item_json, lambda each: each.id, goes_on)
        return json_reply({"items": items, "next_cursor": self._cursors.seal(place, *belongs_to)})

    def get(self, request: Request, tenant: str, message: str) -> Response[str]:
        """One message with everything that is kept of it."""
        owner, wanted = tenant_id(tenant), message_id(message)
        self._authorize(call_of(request).principal, owner, Action.READ_MESSAGES)
        return json_reply(message_json(self._read.get(owner, wanted)))

    def resubmit(self, request: Request, tenant: str, message: str) -> Response[str]:
        """202 with the new message."""
        call, owner, wanted = call_of(request), tenant_id(tenant), message_id(message)
        self._authorize(call.principal, owner, Action.RESUBMIT_MESSAGE)
        nothing(call.json())
        again = self._resubmit(owner, wanted, call.principal.id)
        return json_reply(message_json(self._read.get(owner, again.id)), 202)


def _progress(text: str | None) -> Progress | None:
    if text is None:
        return None
    if text not in list(Progress):
        raise Rejected([FieldError("status", none_of(Progress))])
    return Progress(text)
