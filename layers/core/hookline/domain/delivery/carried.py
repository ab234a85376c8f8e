"""An attempt as a queue message carries it until it can be written to the log, secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, cast

from hookline.domain.delivery.delivery import (
    Attempt,
    AttemptError,
    DefaultBody,
    RequestRecord,
    ResponseRecord,
)
from hookline.domain.times import from_iso, iso
from hookline.errors import PoisonMessage

_MICROSECOND = timedelta(microseconds=1)


def attempt_fields(attempt: Attempt) -> Mapping[str, object]:
    """All fields except when the next attempt is due, which is decided when this one is written."""
    return {
        "number": attempt.number,
        "trigger": attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_us": attempt.duration // _MICROSECOND,
        "webhook_version": attempt.webhook_version,
        "request": asdict(attempt.request),
        "response": attempt.response and asdict(attempt.response),
        "error": attempt.error and asdict(attempt.error),
        "address": attempt.address,
    }


def attempt_of(fields: object) -> Attempt:
    """The attempt that `attempt_fields` wrote. Raises PoisonMessage."""
    try:
        return _attempt_of(cast("Mapping[str, Any]", fields))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PoisonMessage(f"made is no attempt: {type(error).__name__}") from error


def _attempt_of(fields: Mapping[str, Any]) -> Attempt:
    request, response, error = fields["request"], fields["response"], fields["error"]
    default_body = request["default_body"]
    return Attempt(
        number=fields["number"],
        trigger=fields["trigger"],
        started_at=from_iso(fields["started_at"]),
        duration=int(fields["duration_us"]) * _MICROSECOND,
        request=RequestRecord(
            **{
                **request,
                "headers": _headers(request),
                "default_body": default_body and DefaultBody(**default_body),
            }
        ),
        response=response and ResponseRecord(**{**response, "headers": _headers(response)}),
        error=error and AttemptError(**error),
        address=fields["address"],
        next_attempt_at=None,
        webhook_version=fields["webhook_version"],
    )


def _headers(fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in fields["headers"])
