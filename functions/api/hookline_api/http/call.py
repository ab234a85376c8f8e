"""One request as the routes see it (caller, body, ids in its path), and the answers they give."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hookline.domain.documents import strict_json
from hookline.domain.documents.shape import Shape
from hookline.domain.event.patterns import validate_type
from hookline.domain.event.rules import is_event_id
from hookline.domain.identity.acts import Level
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import (
    DeliveryId,
    EventId,
    FunctionId,
    MessageId,
    ProviderId,
    TenantId,
    WebhookId,
    is_id,
)
from hookline.errors import FieldError, NotFound, Rejected, TooLarge
from hookline.services.identity.authorize import Gate

JSON = "application/json"

KIB = 1024
MAX_BODY_BYTES = 1024 * KIB
"""Enough for any one resource: a webhook with its largest template, headers and certificate."""

MAX_BATCH_BYTES = 4 * 1024 * KIB
"""A batch of events (product rule); Lambda itself takes 6 MB."""

MAX_DEPTH = 100
"""Levels of nesting in a request: an event's 64, and those around it in a batch or preview."""


class Authenticate(Protocol):
    """Tells who sent this ``Authorization`` header. Raises Unauthenticated."""

    def __call__(self, authorization_header: str | None) -> Principal:
        """``authorization_header`` is None if the request has none."""
        ...


class Authorize(Gate, Protocol):
    """The gate of every route; it returns the caller to pass to `visible`."""

    def visible(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> frozenset[WebhookId]:
        """Those of up to 100 webhooks that the caller may know of."""
        ...

    def levels(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        """The caller's levels on the webhooks that it may know of."""
        ...


@dataclass(slots=True)
class Call:
    """One request.

    ``headers`` are by lower-case name, ``body`` is as sent. ``notes`` are fields for the request's
    log line, such as the ids of what was made.
    """

    id: str
    method: str
    path: str
    caller: Principal | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    notes: dict[str, object] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """The caller; there is one wherever a key is needed."""
        if self.caller is None:
            raise TypeError("a call without a key has no principal")
        return self.caller

    def document(self, limit: int = MAX_BODY_BYTES) -> Mapping[str, object]:
        """The body's JSON object; an empty body counts as an empty object.

        Raises TooLarge beyond ``limit`` bytes, InvalidJson for what is not strictly JSON, and
        Rejected for any other JSON value.
        """
        value = self._json(limit)
        if not isinstance(value, dict):
            raise Rejected([FieldError("", "the body must be a JSON object")])
        return value

    def no_document(self) -> None:
        """Raises Rejected unless the body is empty, null or an empty object."""
        if self._json(MAX_BODY_BYTES) is not None:
            Shape.of(self.document())

    @property
    def if_match(self) -> str | None:
        """The version in If-Match, unquoted; None without the header or for ``*``."""
        value = self.headers.get("if-match")
        return None if value is None or value.strip() == "*" else value.strip().strip('"')

    def _json(self, limit: int) -> object:
        if len(self.body) > limit:
            raise TooLarge(f"The body has {len(self.body)} bytes; {limit} are allowed.")
        if not self.body.strip():
            return {}
        return strict_json.loads(self.body, max_depth=MAX_DEPTH)


def body_of(event: Mapping[str, object]) -> bytes:
    """The bytes of a gateway event's body (payload format 2.0)."""
    text = event.get("body") or ""
    if not isinstance(text, str):
        raise TypeError("an HTTP API's event has its body as text")
    if not event.get("isBase64Encoded"):
        # Lone surrogates are kept, so that the JSON parser can report them.
        body = text.encode("utf-8", "surrogatepass")
        if "\ufffd" in text and _came_otherwise(event, len(body)):
            raise strict_json.InvalidJson("The body is not UTF-8")
        return body
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise strict_json.InvalidJson("The body is not valid base64") from error


def _came_otherwise(event: Mapping[str, object], size: int) -> bool:
    """Whether the gateway's text differs from the bytes sent.

    It turns what is not UTF-8 into U+FFFD.
    """
    headers = event.get("headers")
    sent = headers.get("content-length") if isinstance(headers, Mapping) else None
    return isinstance(sent, str) and sent.isdigit() and sent != str(size)


def _id_with[Id](prefix: str, kind: Callable[[str], Id]) -> Callable[[str], Id]:
    """Reads an id from a path. An impossible one raises NotFound without a look-up."""

    def read(text: str) -> Id:
        if not is_id(prefix, text):
            raise NotFound
        return kind(text)

    return read


webhook_id = _id_with("wh", WebhookId)
delivery_id = _id_with("dlv", DeliveryId)
provider_id = _id_with("prv", ProviderId)
function_id = _id_with("fn", FunctionId)
message_id = _id_with("msg", MessageId)


def event_id(text: str) -> EventId:
    """An event's id, which its publisher may have chosen. Raises NotFound."""
    if not is_event_id(text):
        raise NotFound
    return EventId(text)


def event_type(text: str) -> str:
    """Raises NotFound."""
    if validate_type(text) is not None:
        raise NotFound
    return text


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Its ``secret_fields`` are shown only once and must not be stored in clear."""

    status: int
    body: str = ""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_fields: tuple[str, ...] = ()


def json_reply(
    body: Mapping[str, object],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    secret_fields: tuple[str, ...] = (),
) -> Reply:
    """``body`` as JSON."""
    return Reply(status, strict_json.dumps(body), JSON, headers or {}, secret_fields)


def notices(warnings: Sequence[FieldError]) -> dict[str, object]:
    """The field ``warnings`` of an answer; nothing if there are none."""
    if not warnings:
        return {}
    return {"warnings": [{"field": each.field, "message": each.message} for each in warnings]}


def etag(version: object) -> dict[str, str]:
    """The ETag header with the version, for If-Match."""
    return {"ETag": f'"{version}"'}


def no_content() -> Reply:
    """204."""
    return Reply(204)
