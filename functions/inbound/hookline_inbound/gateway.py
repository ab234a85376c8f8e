"""The HTTP API's events (payload format 2.0) as calls, and outcomes as its answers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from hookline.domain.ids import TenantId
from hookline.domain.inbound.answers import Answer as FixedAnswer
from hookline.domain.inbound.message import Call, Outcome, Progress
from hookline.problems import CONTENT_TYPE, HEADERS, headers_of, problem_of, status_of
from hookline.services.inbound.receive import Accepted, Done, NotKept, Refused, Result

Event = Mapping[str, Any]
Answer = dict[str, Any]

_PREFIX = "/in/"


def call_of(event: Event) -> Call:
    """The call, with its body as the bytes that came in."""
    http = event["requestContext"]["http"]
    tenant, _, uri = _path(event).partition("/")
    headers = {name.lower(): _text(value) for name, value in event.get("headers", {}).items()}
    if event.get("cookies"):  # the gateway takes them out of the headers
        headers["cookie"] = _text("; ".join(event["cookies"]))
    return Call(
        tenant=TenantId(tenant),
        method=http["method"],
        uri=uri,
        headers=headers,
        query=_query(event.get("rawQueryString", "")),
        body=_body(event),
        remote_addr=http.get("sourceIp", ""),
        url=_url(event, headers),
    )


def answer_to(result: Result) -> Answer:
    """202 if it runs later, or the provider's own answer; FD-6's statuses if it has run."""
    match result:
        case Accepted(answer=FixedAnswer() as fixed):
            headers = {name.title(): value for name, value in fixed.headers.items()}
            kind = headers.pop("Content-Type", "text/plain; charset=utf-8")
            return _answer(fixed.status, kind, fixed.body, headers)
        case Accepted(message_id):
            return _json(HTTPStatus.ACCEPTED, {"id": message_id, "status": Progress.PENDING.value})
        case NotKept(waits):
            body = {"id": None, "status": "failed", "outcome": Outcome.NO_PROVIDER.value}
            return _json(HTTPStatus.NOT_FOUND if waits else HTTPStatus.ACCEPTED, body)
        case Refused(message_id):
            return _json(HTTPStatus.UNAUTHORIZED, {"id": message_id, "status": "failed"})
        case Done(message_id, status, outcome, _):
            body = {
                "id": message_id,
                "status": status.value,
                "outcome": outcome.value if outcome else None,
            }
            return _json(_status(status, outcome), body)


def refusal(error: Exception, request_id: str) -> Answer:
    """RFC 9457 problems; an unexpected one says no more than the request's id."""
    problem = problem_of(error) | {"request_id": request_id}
    return _answer(status_of(error), CONTENT_TYPE, json.dumps(problem), headers_of(error))


def _status(status: Progress, outcome: Outcome | None) -> HTTPStatus:
    if outcome in (Outcome.NO_PROVIDER, Outcome.NO_FUNCTION):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.OK if status is Progress.SUCCESS else HTTPStatus.INTERNAL_SERVER_ERROR


def _path(event: Event) -> str:
    proxy = (event.get("pathParameters") or {}).get("proxy")
    return _text(proxy if proxy is not None else event["rawPath"].partition(_PREFIX)[2])


def _url(event: Event, headers: Mapping[str, str]) -> str:
    """The url as its caller knows it."""
    host = headers.get("host") or event["requestContext"].get("domainName", "")
    query = event.get("rawQueryString", "")
    return _text(f"https://{host}{event.get('rawPath', '')}{'?' if query else ''}{query}")


def _query(text: str) -> dict[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        names.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in names.items()}


def _body(event: Event) -> bytes:
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            pass  # not what the gateway sends: kept as it came, for its log
    return str(text).encode("utf-8", "surrogatepass")


def _text(value: str) -> str:
    # A lone surrogate, from a JSON escape, could not be written anywhere.
    return str(value).encode("utf-8", "replace").decode()


def _json(status: HTTPStatus, body: Mapping[str, object]) -> Answer:
    return _answer(status, "application/json", json.dumps(body))


def _answer(
    status: int, content_type: str, body: str, headers: Mapping[str, str] | None = None
) -> Answer:
    return {
        "statusCode": int(status),
        "headers": {
            **(headers or {}),
            "Content-Type": content_type,
            **HEADERS,
            # The console has the same origin: nothing answered here may run there.
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
        "body": body,
        "isBase64Encoded": False,
    }
