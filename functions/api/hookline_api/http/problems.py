"""RFC 9457 problems: one table says which error becomes which status."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from hookline import errors
from hookline.domain.documents.strict_json import InvalidJson

CONTENT_TYPE = "application/problem+json"

RETRY_AFTER_SECONDS = 1
"""Where an AWS service did not do its part: it usually does a moment later."""

_LOG = logging.getLogger("hookline.api")


class MethodNotAllowed(errors.Refused):
    """The path exists, the method does not; ``allowed`` names those that do."""

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This resource knows {allowed}.")
        self.allowed = allowed


STATUS: Mapping[type[Exception], HTTPStatus] = {
    InvalidJson: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Everything else is a 500 that tells nothing but the request's id."""


def problem_of(error: Exception) -> dict[str, object]:
    """The problem's members but its ``request_id``, for a whole answer or one item of a batch."""
    if isinstance(error, RequestValidationError):
        error = errors.Rejected(_parameter_errors(error))
    status = _status(error)
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _detail(error, status),
    }
    if isinstance(error, errors.Rejected):
        problem["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    return problem


def response_to(error: Exception, request_id: str) -> Response[str]:
    """The answer to a request that ended in ``error``; what nobody expected is logged."""
    problem = problem_of(error) | {"request_id": request_id}
    status = HTTPStatus(int(str(problem["status"])))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("request.failed", exc_info=error, extra={"request_id": request_id})
    return Response(status.value, CONTENT_TYPE, json.dumps(problem), headers=_headers(error))


def _status(error: Exception) -> HTTPStatus:
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _detail(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, errors.Refused):
        return error.detail
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return "A part of the platform did not answer. Try the same again."
    return "Something unexpected happened. The request_id names it in the logs."


def _headers(error: Exception) -> dict[str, str | list[str]]:
    match error:
        case errors.Unauthenticated():
            return {"WWW-Authenticate": 'Bearer realm="hookline"'}
        case errors.TooManyRequests(retry_after_seconds=seconds):
            return {"Retry-After": str(seconds)}
        case errors.Unavailable():
            return {"Retry-After": str(RETRY_AFTER_SECONDS)}
        case MethodNotAllowed(allowed=allowed):
            return {"Allow": allowed}
        case _:
            return {}


def _parameter_errors(error: RequestValidationError) -> list[errors.FieldError]:
    # loc is ("query", "limit", …): the field's name is what the caller wrote.
    return [
        errors.FieldError(".".join(str(part) for part in found["loc"][1:]), str(found["msg"]))
        for found in error.errors()
    ]
