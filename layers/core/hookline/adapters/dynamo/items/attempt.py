"""An attempt as a map: the latest inside its delivery's item, older ones as items of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hookline.adapters.dynamo.attributes import Item
from hookline.domain.delivery import Attempt, AttemptError, RequestRecord, ResponseRecord
from hookline.domain.times import from_iso, iso

_MILLISECOND = timedelta(milliseconds=1)


def to_map(attempt: Attempt) -> dict[str, Any]:
    """Headers are lines as they went over the wire: in order, repeated ones and all."""
    request, response, error = attempt.request, attempt.response, attempt.error
    return {
        "number": attempt.number,
        "trigger": attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_ms": attempt.duration / _MILLISECOND,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": _lines(request.headers),
            "body": request.body,
            "body_truncated": request.body_truncated or None,
        },
        "response": None
        if response is None
        else {
            "status": response.status,
            "headers": _lines(response.headers),
            "body": response.body,
            "body_truncated": response.body_truncated or None,
        },
        "error": None if error is None else {"kind": error.kind, "message": error.message},
        "address": attempt.address,
        "next_attempt_at": iso(attempt.next_attempt_at) if attempt.next_attempt_at else None,
    }


def from_map(item: Item) -> Attempt:
    """The attempt that `to_map` made the map of; what a projection left out reads as empty."""
    error, next_attempt_at = item.get("error"), item.get("next_attempt_at")
    return Attempt(
        number=item["number"],
        trigger=item["trigger"],
        started_at=from_iso(item["started_at"]),
        duration=item["duration_ms"] * _MILLISECOND,
        request=_request(item["request"]),
        response=_response(item.get("response")),
        error=AttemptError(error["kind"], error["message"]) if error else None,
        address=item.get("address"),
        next_attempt_at=from_iso(next_attempt_at) if next_attempt_at else None,
    )


def _request(item: Item) -> RequestRecord:
    return RequestRecord(
        method=item["method"],
        url=item["url"],
        headers=_pairs(item.get("headers", ())),
        body=item.get("body"),
        body_truncated=item.get("body_truncated", False),
    )


def _response(item: Item | None) -> ResponseRecord | None:
    if item is None:
        return None
    return ResponseRecord(
        status=item["status"],
        headers=_pairs(item.get("headers", ())),
        body=item.get("body", ""),
        body_truncated=item.get("body_truncated", False),
    )


def _lines(headers: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def _pairs(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    # A header's name holds no colon (RFC 9110, section 5.1): the first one ends it.
    split = (line.partition(": ") for line in lines)
    return tuple((name, value) for name, _, value in split)
