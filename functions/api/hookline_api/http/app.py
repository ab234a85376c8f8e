"""The request's way in and out: key, route, answer or problem."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from hookline.domain.documents.strict_json import dumps
from hookline.problems import CONTENT_TYPE, HEADERS, headers_of, problem_of
from hookline_api.http.call import Authenticate, Call, body_of
from hookline_api.http.endpoint import PUBLIC_PATHS, Endpoint
from hookline_api.http.queries import Query
from hookline_api.http.replies import Reply
from hookline_api.http.router import Group, Router

Event = dict[str, Any]
"""An HTTP API's event, payload format 2.0."""

Around = Callable[[Call, Callable[[], Reply]], Reply]
"""Goes around every POST: gets the call and what answers it."""

_SERVER_ERROR = 500
_LOG = logging.getLogger("hookline.api")


class Api:
    """All endpoints behind one call. Construct once, call per request."""

    def __init__(
        self, authenticate: Authenticate, groups: Sequence[Group], around_posts: Around
    ) -> None:
        self._authenticate = authenticate
        self._around_posts = around_posts
        self._router = Router(groups)

    def __call__(self, event: Event, context: object) -> dict[str, Any]:  # noqa: ARG002 - Lambda's
        """Answers one request; never raises."""
        http = event["requestContext"]["http"]
        call = Call(
            id=str(event["requestContext"]["requestId"]),
            method=http["method"].upper(),
            path=event["rawPath"],
        )
        began = perf_counter()
        try:
            reply = self._answer(call, event)
        except Exception as error:  # noqa: BLE001 - the last resort: the caller gets a problem
            reply = self._refused(error, call.id)
        _LOG.info(
            "request.answered",
            extra={
                "request_id": call.id,
                "principal": call.caller and call.caller.id,
                "method": http["method"],
                "path": http["path"],
                "tenant": _tenant(http["path"]),
                "status": reply.status,
                "duration_ms": round((perf_counter() - began) * 1000, 1),
                **call.notes,
            },
        )
        return _to_gateway(reply, with_body=call.method != "HEAD")

    def document(self) -> dict[str, Any]:
        """The OpenAPI document of all endpoints."""
        # Whoever asks for it pays for its making, and nobody else.
        from hookline_api.http.openapi import document  # noqa: PLC0415

        return document(self.endpoints)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """All of them, in the order of the document; builds what was not asked for yet."""
        return self._router.endpoints

    def _answer(self, call: Call, event: Event) -> Reply:
        call.headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
        if call.path not in PUBLIC_PATHS:
            call.caller = self._authenticate(call.headers.get("authorization"))
        call.body = body_of(event)
        endpoint, parameters = self._router.find(call.method, call.path)
        texts = event.get("queryStringParameters") or {}
        query = (endpoint.query or Query).of_texts(texts)
        asked = {} if endpoint.query is None else {"query": query}

        def answered() -> Reply:
            return endpoint.handler(call, **parameters, **asked)

        return self._around_posts(call, answered) if call.method == "POST" else answered()

    @staticmethod
    def _refused(error: Exception, request_id: str) -> Reply:
        """The answer to a request that ended in ``error``; what nobody expected is logged."""
        problem = problem_of(error) | {"request_id": request_id}
        status = int(str(problem["status"]))
        if status >= _SERVER_ERROR:
            _LOG.error("request.failed", exc_info=error, extra={"request_id": request_id})
        return Reply(status, dumps(problem), CONTENT_TYPE, headers_of(error))


def _tenant(path: str) -> str | None:
    parts = path.split("/")
    return parts[3] if parts[1:3] == ["v1", "tenants"] and len(parts) > 3 else None


def _to_gateway(reply: Reply, *, with_body: bool) -> dict[str, Any]:
    content_type = {} if reply.content_type is None else {"Content-Type": reply.content_type}
    return {
        "statusCode": reply.status,
        "headers": {**content_type, **HEADERS, **reply.headers},
        "body": reply.body if with_body else "",
        "isBase64Encoded": False,
        "cookies": [],
    }
