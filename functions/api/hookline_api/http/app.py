"""From a gateway event to an answer or problem: key, route, handler."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from hookline.domain.documents.strict_json import dumps
from hookline.problems import (
    CONTENT_TYPE,
    HEADERS,
    MethodNotAllowed,
    UnknownPath,
    headers_of,
    problem_of,
)
from hookline_api.http.call import Authenticate, Call, Reply, body_of
from hookline_api.http.endpoint import PUBLIC_PATHS, Endpoint, Resource
from hookline_api.http.queries import Query

type Parameters = dict[str, str]
type Segments = tuple[str, ...]

_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_TENANTS = "/v1/tenants/"
_BELOW_A_TENANT = 4
"""Segments of /v1/tenants/{tenant}, the empty one before the first slash included."""

Event = dict[str, Any]
"""An HTTP API's event, payload format 2.0."""

Around = Callable[[Call, Callable[[], Reply]], Reply]
"""Wraps every POST: gets the call and the function that answers it."""

_SERVER_ERROR = 500
_LOG = logging.getLogger("hookline.api")


@dataclass(frozen=True)
class Group:
    """Resources that are built together, on the first request for one of their paths.

    ``about`` names what those paths are about (see `subjects_of`).
    """

    about: frozenset[str]
    build: Callable[[], Sequence[Resource]]

    @cached_property
    def paths(self) -> Mapping[Segments, Mapping[str, Endpoint]]:
        """Its endpoints by path and method; literal segments before parameters."""
        paths: dict[Segments, dict[str, Endpoint]] = {}
        for endpoint in sorted(self.endpoints, key=lambda each: each.path.count("<")):
            paths.setdefault(tuple(endpoint.path.split("/")), {})[endpoint.method] = endpoint
        return paths

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """In the order of the document."""
        return [endpoint for resource in self.build() for endpoint in resource.endpoints()]


class Router:
    """All endpoints, in groups."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """All endpoints; builds every group."""
        return [endpoint for group in self._groups for endpoint in group.endpoints]

    def find(self, method: str, path: str) -> tuple[Endpoint, Parameters]:
        """The endpoint and its path's decoded parameters; GET's for HEAD.

        Raises UnknownPath and MethodNotAllowed.
        """
        allowed: set[str] = set()
        for methods, parameters in self._on(tuple(path.split("/"))):
            endpoint = methods.get("GET" if method == "HEAD" else method)
            if endpoint is not None:
                return endpoint, parameters
            allowed |= methods.keys() | ({"HEAD"} if "GET" in methods else set())
        if allowed:
            raise MethodNotAllowed(", ".join(sorted(allowed, key=_ORDER.index)))
        raise UnknownPath(path)

    def _on(self, given: Segments) -> Iterator[tuple[Mapping[str, Endpoint], Parameters]]:
        subjects = subjects_of(given)
        for group in self._groups:
            if group.about.isdisjoint(subjects):
                continue
            for pattern, methods in group.paths.items():
                parameters = _match(pattern, given)
                if parameters is not None:
                    yield methods, parameters


def subjects_of(path: Segments) -> frozenset[str]:
    """The subjects of a path, such as ``webhooks`` and ``webhooks/stats``."""
    if path[1:3] != ("v1", "tenants"):
        return frozenset(path[2:3])
    if len(path) <= _BELOW_A_TENANT:
        return frozenset({"tenants"})
    about, *rest = path[_BELOW_A_TENANT:]
    return frozenset({about, *(f"{about}/{part}" for part in rest[:2])})


def _match(pattern: Segments, given: Segments) -> Parameters | None:
    if len(pattern) != len(given):
        return None
    found: Parameters = {}
    for part, text in zip(pattern, given, strict=True):
        if part.startswith("<") and text:
            found[part[1:-1]] = unquote(text)
        elif part != text:
            return None
    return found


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
        tenant, path = _split(http["path"])
        _LOG.info(
            "request.answered",
            extra={
                "request_id": call.id,
                "principal": call.caller and call.caller.id,
                "method": http["method"],
                "tenant": tenant,
                "path": path,
                "status": reply.status,
                "duration_ms": round((perf_counter() - began) * 1000, 1),
                **call.notes,
            },
        )
        return _to_gateway(reply, with_body=call.method != "HEAD")

    def document(self) -> dict[str, Any]:
        """The OpenAPI document of all endpoints."""
        # Made only when somebody asks for it.
        from hookline_api.http.openapi import document  # noqa: PLC0415

        return document(self.endpoints)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """All endpoints, in the order of the document; builds those not asked for yet."""
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
        """The answer to a request that ended in ``error``; unexpected ones are logged."""
        problem = problem_of(error) | {"request_id": request_id}
        status = int(str(problem["status"]))
        if status >= _SERVER_ERROR:
            _LOG.error("request.failed", exc_info=error, extra={"request_id": request_id})
        return Reply(status, dumps(problem), CONTENT_TYPE, headers_of(error))


def _split(path: str) -> tuple[str | None, str]:
    """A path's tenant and what is below it, so that a log line says neither twice."""
    tenant, slash, rest = path.removeprefix(_TENANTS).partition("/")
    return (tenant, slash + rest) if tenant and path.startswith(_TENANTS) else (None, path)


def _to_gateway(reply: Reply, *, with_body: bool) -> dict[str, Any]:
    content_type = {} if reply.content_type is None else {"Content-Type": reply.content_type}
    return {
        "statusCode": reply.status,
        "headers": {**content_type, **HEADERS, **reply.headers},
        "body": reply.body if with_body else "",
        "isBase64Encoded": False,
        "cookies": [],
    }
