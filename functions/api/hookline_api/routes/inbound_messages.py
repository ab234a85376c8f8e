"""/v1/tenants/{tenant}/inbound/messages: what came in, and its results."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.documents.kinds import Choice, Flag, Instant, Text
from hookline.domain.documents.shape import Shape, defaulted, optional
from hookline.domain.identity.acts import Action
from hookline.domain.ids import MessageId, ProviderId, TenantId
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.message_filter import MessageFilter
from hookline.domain.times import iso
from hookline.services.inbound.read_messages import ReadMessages
from hookline.services.inbound.resubmit import Resubmit
from hookline_api.http.call import Authorize, Call, Reply, json_reply, message_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery, TimeQuery
from hookline_api.schemas import inbound as shapes
from hookline_api.views.inbound import message_item_json, message_json

_ALL = "/v1/tenants/<tenant>/inbound/messages"
_ONE = f"{_ALL}/<message>"


class _Which(Shape):
    """Which messages, but for when they came."""

    status = optional(Choice(*Progress), "How far they have come.", example="failed")
    outcome = optional(Choice(*Outcome), "What matching came to.")
    provider = optional(
        Text(1, 64, example="prv_01M81PY6T7X4SJTAJ8CSJCR31C"),
        "The id of the provider that matched.",
    )
    uri = optional(
        Text(1, 2_048, example="github/push"),
        "The path after `/in/{tenant}/`; slashes at its ends do not count.",
    )


class MessageQuery(_Which, TimeQuery, PageQuery):
    """Which messages."""


class ResubmitFields(_Which):
    """Which messages to run again."""

    since = optional(Instant(), "Those received at it or later.")
    until = optional(Instant(), "Those received before it.")
    dry_run = defaulted(Flag(), False, "Counts them, and runs none.", example=True)


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
                query=MessageQuery,
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
            Endpoint(
                method="POST",
                path=f"{_ALL}/resubmit",
                name="resubmit_inbound_messages",
                summary="Run many messages again, each as a new one",
                description="Up to 100 in one call, the newest first; `rest_until` is the `until`"
                " to go on with. A dry run answers 200 and the count.",
                tag="inbound",
                handler=self.resubmit_many,
                body=ResubmitFields,
                answers={200: shapes.Resubmitted, 202: shapes.Resubmitted},
            ),
        )

    def list(self, call: Call, tenant: str, query: MessageQuery) -> Reply:
        """Newest first."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_MESSAGES)
        wanted = _filter(query)
        page = self._cursors.page(query, owner, _ALL)
        found, goes_on = self._read.page(
            owner, query.limit, before=page.at(MessageId), wanted=wanted
        )
        return page.reply(found, message_item_json, goes_on, lambda each: each.id)

    def get(self, call: Call, tenant: str, message: str) -> Reply:
        """One message with everything that is kept of it."""
        owner, wanted = TenantId(tenant), message_id(message)
        self._authorize(call.principal, owner, Action.READ_MESSAGES)
        return json_reply(message_json(self._read.get(owner, wanted)))

    def resubmit(self, call: Call, tenant: str, message: str) -> Reply:
        """202 with the new message."""
        owner, wanted = TenantId(tenant), message_id(message)
        self._authorize(call.principal, owner, Action.RESUBMIT_MESSAGE)
        call.no_document()
        again = self._resubmit(owner, wanted, call.principal.id)
        return json_reply(message_json(self._read.get(owner, again.id)), 202)

    def resubmit_many(self, call: Call, tenant: str) -> Reply:
        """202 with how many; 200 for a dry run."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.RESUBMIT_MESSAGE)
        asked = ResubmitFields.of(call.document())
        done = self._resubmit.many(owner, _filter(asked), call.principal.id, dry_run=asked.dry_run)
        rest = None if done.rest_until is None else iso(done.rest_until)
        return json_reply(
            {"matched": done.messages, "rest_until": rest}, 200 if asked.dry_run else 202
        )


def _filter(asked: MessageQuery | ResubmitFields) -> MessageFilter:
    return MessageFilter(
        status=asked.status,
        outcome=asked.outcome,
        provider=None if asked.provider is None else ProviderId(asked.provider),
        uri=asked.uri,
        since=asked.since,
        until=asked.until,
    )
