"""/v1/tenants/{tenant}/inbound/messages: what came in, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from hookline.domain.documents.fields import Fields, Findings, none_of
from hookline.domain.identity.rights import Action
from hookline.domain.ids import MessageId, ProviderId
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.message_filter import MessageFilter
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
OutcomeQuery = Annotated[
    str | None, Query(max_length=16, description="matched, no_provider or no_function.")
]
SinceQuery = Annotated[
    str | None, Query(max_length=40, description="ISO 8601; messages received at it or later.")
]
UntilQuery = Annotated[
    str | None, Query(max_length=40, description="ISO 8601; messages received before it.")
]
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
                description="It is matched by the configuration as it is now, and verified over the"
                " stored bytes as of when the original came.",
                tag="inbound",
                handler=self.resubmit,
                answers={202: shapes.Message},
            ),
        )

    def list(  # noqa: PLR0913, PLR0917 - called by name; one parameter for each of the query's
        self,
        request: Request,
        tenant: str,
        status: StatusQuery = None,
        outcome: OutcomeQuery = None,
        provider: ProviderQuery = None,
        uri: UriQuery = None,
        since: SinceQuery = None,
        until: UntilQuery = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: After = None,
    ) -> Response[str]:
        """Newest first."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_MESSAGES)
        wanted = _wanted(
            {"status": status, "outcome": outcome, "provider": provider, "uri": uri},
            {"since": since, "until": until},
        )
        filters = (status, outcome, provider, uri, since, until)
        belongs_to = (owner, _ALL, *(each or "" for each in filters))
        position = self._cursors.open(cursor, *belongs_to)
        found, goes_on = self._read.page(
            owner,
            limit,
            before=None if position is None else MessageId(position),
            wanted=wanted,
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


def _wanted(words: Mapping[str, str | None], times: Mapping[str, str | None]) -> MessageFilter:
    """The filter of a query. Raises Rejected with every FieldError."""
    # A plus sign in a query string reads as a space; in a timestamp it can only have been a plus.
    given = {name: text.replace(" ", "+") for name, text in times.items() if text is not None}
    fields = Fields({**words, **given}, Findings())
    status = _word(fields, "status", Progress)
    outcome = _word(fields, "outcome", Outcome)
    provider = words["provider"]
    wanted = MessageFilter(
        status=status,
        outcome=outcome,
        provider=None if provider is None else ProviderId(provider),
        uri=words["uri"],
        since=fields.instant("since"),
        until=fields.instant("until"),
    )
    fields.findings.settle()
    return wanted


def _word[Word: StrEnum](fields: Fields, name: str, words: type[Word]) -> Word | None:
    text = fields.raw(name)
    if text is None or text in list(words):
        return None if text is None else words(str(text))
    fields.refuse(name, none_of(words))
    return None
