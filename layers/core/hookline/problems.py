"""RFC 9457 problems: the one table that says which error becomes which status, code and words."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from hookline import errors
from hookline.domain.documents.strict_json import InvalidJson, NumberOutOfRange

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:hookline:problem:"

MOST_ERRORS = 100
"""Broken rules that one problem names; ``more_errors`` counts the rest."""

_LONGEST_FIELD = 200
_LONGEST_MESSAGE = 500

RETRY_AFTER_SECONDS = 1
"""Where an AWS service did not do its part: it usually does a moment later."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000",
}
"""What every answer carries: nothing may keep it, read it as something else, or ask in clear."""

CODES: Mapping[str, str] = {
    "malformed_json": "The body is not JSON, or JSON that readers disagree about.",
    "number_out_of_range": "A number could not be kept as it is: `1e400`, 310 digits.",
    "unauthenticated": "No key, or not a valid one.",
    "forbidden": "The tenant is visible, the right is missing.",
    "not_found": "What is named does not exist, or may not be seen.",
    "unknown_path": "The API has no such path.",
    "method_not_allowed": "The path is there, the method is not; `Allow` names those that are.",
    "conflict": "The request clashes with what is stored.",
    "edit_conflict": "Others are changing the same at the same time. Read it and try again.",
    "name_taken": "Another one of the tenant has the name.",
    "tenant_id_taken": "There is or was a tenant with this id.",
    "tenant_has_webhooks": "A tenant is deleted after its webhooks.",
    "too_many_keys": "A principal has two live keys at most.",
    "limit_reached": "The tenant has as many of these as it may have.",
    "event_id_taken": "Another event has this id.",
    "event_expired": "The event is no longer kept, so it cannot be sent again.",
    "loop_stopped": "What led to the call has been through here too often, as in a loop.",
    "webhook_off": "The webhook is switched off.",
    "webhook_deleted": "The webhook is deleted.",
    "delivery_ended": "The delivery has ended.",
    "job_ended": "The job has ended.",
    "provider_in_use": "A provider is deleted after its functions.",
    "idempotency_key_reused": "The Idempotency-Key was used for another request.",
    "idempotency_in_progress": "A request with this Idempotency-Key is being answered.",
    "precondition_failed": "If-Match names another version than the current one.",
    "too_large": "The body, or one part of it, exceeds the limit that `detail` names.",
    "invalid": "The content breaks rules: `errors` names them.",
    "quota_exceeded": "A quota is used up; `Retry-After` says for how long.",
    "internal_error": "Something unexpected: `request_id` names it in the logs.",
    "unhealthy": "Parts of the stack are not well: `errors` names them.",
    "unavailable": "A part of the platform did not answer. Try the same again.",
}
"""Every ``code``, which stays what it is, and what it means."""


class UnknownPath(errors.Refused):
    """The API has no such path."""

    code = "unknown_path"

    def __init__(self, path: str) -> None:
        slash = len(path) > 1 and path.endswith("/")
        super().__init__(
            "No path of this API ends with a slash." if slash else "This API has no such path."
        )


class MethodNotAllowed(errors.Refused):
    """The path exists, the method does not; ``allowed`` names those that do."""

    code = "method_not_allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This resource knows {allowed}.")
        self.allowed = allowed


STATUS: Mapping[type[Exception], HTTPStatus] = {
    InvalidJson: HTTPStatus.BAD_REQUEST,
    NumberOutOfRange: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    UnknownPath: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unhealthy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Everything else is a 500 that tells nothing but the request's id."""


def status_of(error: Exception) -> HTTPStatus:
    """The status that an error is answered with."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_of(error: Exception, most: int = MOST_ERRORS) -> dict[str, object]:
    """The problem's members but its ``request_id``, for a whole answer or one item of a batch.

    It names ``most`` broken rules, each of them shortened where it quotes long names.
    """
    status = status_of(error)
    code = _code(error, status)
    problem: dict[str, object] = {
        "type": TYPE_PREFIX + code,
        "title": status.phrase,
        "status": status.value,
        "detail": error.detail if isinstance(error, errors.Refused) else CODES[code],
        "code": code,
    }
    if isinstance(error, errors.Rejected):
        problem["errors"] = [
            {
                "field": _cut(each.field, _LONGEST_FIELD),
                "message": _cut(each.message, _LONGEST_MESSAGE),
            }
            for each in error.errors[:most]
        ]
        if len(error.errors) > most:
            problem["more_errors"] = len(error.errors) - most
    return problem


def headers_of(error: Exception) -> dict[str, str]:
    """The headers that go with an error's answer."""
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


def _code(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, errors.Refused) and status is not HTTPStatus.INTERNAL_SERVER_ERROR:
        return error.code
    return "unavailable" if status is HTTPStatus.SERVICE_UNAVAILABLE else "internal_error"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
