"""The request's way in and out: key, route, answer or problem."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from hookline.domain.identity.rights import Principal
from hookline.errors import HooklineError, NotFound
from hookline_api.http import openapi, problems
from hookline_api.http.call import Authenticate, Call, body_of
from hookline_api.http.endpoint import Endpoint, Resource

Event = dict[str, Any]
"""An HTTP API's event, payload format 2.0."""

Middleware = Any
"""A powertools middleware, ``(app, next_middleware) -> Response``, around every POST."""

_LOG = logging.getLogger("hookline.api")
_PARAMETER = re.compile(r"<\w+>")


class Api:
    """All endpoints behind one call. Construct once, call per request."""

    def __init__(
        self,
        authenticate: Authenticate,
        resources: Sequence[Resource],
        *,
        around_posts: Middleware | None = None,
    ) -> None:
        self.endpoints: tuple[Endpoint, ...] = tuple(
            endpoint for resource in resources for endpoint in resource.endpoints()
        )
        self._authenticate = authenticate
        self._resolver = APIGatewayHttpResolver(
            enable_validation=True, response_validation_error_http_code=500
        )
        self._public = {endpoint.path for endpoint in self.endpoints if endpoint.public}
        for endpoint in self.endpoints:
            keeps = endpoint.method == "POST" and around_posts is not None
            openapi.register(self._resolver, endpoint, [around_posts] if keeps else [])
        self._handle_errors()

    def __call__(self, event: Event, context: object) -> dict[str, Any]:
        """Answers one request; never raises."""
        request_id = str(event["requestContext"]["requestId"])
        http = event["requestContext"]["http"]
        caller: Principal | None = None
        notes: dict[str, object] = {}
        began = perf_counter()
        try:
            headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
            if http["path"] not in self._public:
                caller = self._authenticate(headers.get("authorization"))
                call = Call(caller, headers, body_of(event))
                self._resolver.context["call"] = call
            self._resolver.context["request_id"] = request_id
            self._resolver.context["notes"] = notes
            answer = self._resolver.resolve(event, context)  # type: ignore[arg-type] # handed through unread
        except Exception as error:  # noqa: BLE001 - the last resort: the caller gets a problem
            answer = _as_dict(problems.response_to(error, request_id))
        parts = http["path"].split("/")
        _LOG.info(
            "request.answered",
            extra={
                "request_id": request_id,
                "principal": None if caller is None else caller.id,
                "method": http["method"],
                "path": http["path"],
                "tenant": parts[3] if parts[1:3] == ["v1", "tenants"] and len(parts) > 3 else None,
                "status": answer["statusCode"],
                "duration_ms": round((perf_counter() - began) * 1000, 1),
                **notes,
            },
        )
        return answer

    def document(self) -> dict[str, Any]:
        """The OpenAPI document of all endpoints."""
        return openapi.document(self._resolver, self.endpoints)

    def _handle_errors(self) -> None:
        def refuse(error: Exception) -> Response[str]:
            return problems.response_to(error, self._resolver.context["request_id"])

        def not_routed(_: Exception) -> Response[str]:
            event = self._resolver.current_event
            return refuse(self._no_route(event.http_method.upper(), event.path))

        # One after the other: powertools looks handlers up along the error's base classes.
        self._resolver.exception_handler([HooklineError, RequestValidationError, Exception])(refuse)
        self._resolver.exception_handler(NotFoundError)(not_routed)

    def _no_route(self, method: str, path: str) -> HooklineError:
        methods = {
            endpoint.method
            for endpoint in self.endpoints
            if re.fullmatch(_PARAMETER.sub("[^/]+", endpoint.path), path)
        }
        # The router knows fewer characters than this: an id with others names nothing.
        if not methods or method in methods:
            return NotFound()
        return problems.MethodNotAllowed(", ".join(sorted(methods)))


def _as_dict(response: Response[str]) -> dict[str, Any]:
    headers: Mapping[str, str | list[str]] = response.headers
    return {
        "statusCode": response.status_code,
        "headers": dict(headers),
        "body": response.body,
        "isBase64Encoded": False,
        "cookies": [],
    }
