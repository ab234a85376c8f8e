"""One request as the routes see it: who calls, what was sent, and how it is named in errors."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from aws_lambda_powertools.event_handler import Request

from hookline.domain.documents import strict_json
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import TooLarge
from hookline.services.identity.authorize import Gate

KIB = 1024
MAX_BODY_BYTES = 1024 * KIB
"""What any one resource can need: a webhook with its largest template, headers and certificate."""

MAX_BATCH_BYTES = 4 * 1024 * KIB
"""A batch of events (product rule); Lambda itself takes 6 MB."""

MAX_DEPTH = 100
"""Levels of nesting of a request: the 64 of an event, and what a batch or preview wraps it in."""


class Authenticate(Protocol):
    """Tells who sends this ``Authorization`` header. Raises Unauthenticated."""

    def __call__(self, authorization_header: str | None) -> Principal:
        """The header is None where the request has none."""
        ...


class Authorize(Gate, Protocol):
    """The gate of every route, whose answer is the caller to hand to `visible`."""

    def visible(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> frozenset[WebhookId]:
        """Those of the webhooks, at most 100, that the caller may know of."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. ``headers`` are by lower-case name, ``body`` as sent."""

    principal: Principal
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self, limit: int = MAX_BODY_BYTES) -> object:
        """The body's JSON value; an empty body is an empty object.

        Raises TooLarge beyond ``limit`` bytes and InvalidJson for what is not strictly JSON.
        """
        if len(self.body) > limit:
            raise TooLarge(f"The body has {len(self.body)} bytes; {limit} are allowed.")
        if not self.body.strip():
            return {}
        return strict_json.loads(self.body, max_depth=MAX_DEPTH)

    @property
    def if_match(self) -> str | None:
        """The version that If-Match names, unquoted; None without the header or with ``*``."""
        value = self.headers.get("if-match")
        return None if value is None or value.strip() == "*" else value.strip().strip('"')


def note(request: Request, **fields: object) -> None:
    """Adds fields, such as the ids of what was made, to the log line of the request."""
    request.context["notes"].update(fields)


def call_of(request: Request) -> Call:
    """The call that `hookline_api.http.app.Api` put beside the request."""
    return cast("Call", request.context["call"])


def body_of(event: Mapping[str, object]) -> bytes:
    """The bytes of a gateway event's body (payload format 2.0)."""
    text = event.get("body") or ""
    if not isinstance(text, str):
        raise TypeError("an HTTP API's event has its body as text")
    if not event.get("isBase64Encoded"):
        # Lone surrogates survive, so that the JSON parser can name them.
        body = text.encode("utf-8", "surrogatepass")
        if "\ufffd" in text and _came_otherwise(event, len(body)):
            raise strict_json.InvalidJson("The body is not UTF-8")
        return body
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise strict_json.InvalidJson("The body is not valid base64") from error


def _came_otherwise(event: Mapping[str, object], size: int) -> bool:
    """Whether other bytes came than the gateway's text has: it reads what is no UTF-8 as U+FFFD."""
    headers = event.get("headers")
    sent = headers.get("content-length") if isinstance(headers, Mapping) else None
    return isinstance(sent, str) and sent.isdigit() and sent != str(size)
