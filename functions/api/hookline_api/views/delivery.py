"""Deliveries and attempts as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.delivery.changing import planned_for
from hookline.domain.delivery.delivery import Attempt, Delivery, RequestRecord, ResponseRecord
from hookline.domain.documents import strict_json
from hookline.domain.times import iso

MAX_ATTEMPTS_BYTES = 2 * 1024 * 1024
"""The JSON of all attempts with bodies; Lambda answers with 6 MB at most, ``last_attempt``
included."""


def delivery_json(delivery: Delivery, attempts: Sequence[Attempt]) -> dict[str, object]:
    """A delivery with ``attempts``, the last one also as ``last_attempt``.

    The newest have their bodies, as many as fit `MAX_ATTEMPTS_BYTES`; the others are marked as
    truncated.
    """
    shown: list[dict[str, object]] = []
    size = 0
    for attempt in reversed(attempts):
        whole = _attempt_json(attempt, bodies=True)
        size += len(strict_json.dumps(whole).encode())
        shown.insert(0, whole if size <= MAX_ATTEMPTS_BYTES else _without_bodies(attempt))
    return {
        **_common(delivery),
        "last_attempt": shown[-1] if shown else None,
        "attempts": shown,
    }


def delivery_item_json(delivery: Delivery) -> dict[str, object]:
    """A delivery in a list, without bodies and headers."""
    last = delivery.last_attempt
    return {
        **_common(delivery),
        "last_attempt": None if last is None else _attempt_json(last, bodies=False),
    }


def _common(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.key.id,
        "webhook_id": delivery.key.webhook_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "status": delivery.status.value,
        "attempt_count": delivery.attempt_count,
        "test": delivery.test,
        "created_at": iso(delivery.created_at),
        "next_attempt_at": _iso(planned_for(delivery)),
        "waiting_for": delivery.waiting_for,
        "expires_at": iso(delivery.expires_at),
        "finished_at": _iso(delivery.finished_at),
        "failure_reason": delivery.failure_reason,
    }


def _without_bodies(attempt: Attempt) -> dict[str, object]:
    response = attempt.response
    return _attempt_json(
        replace(
            attempt,
            request=replace(attempt.request, body=None, body_truncated=True),
            response=None if response is None else replace(response, body="", body_truncated=True),
        ),
        bodies=True,
    )


def _attempt_json(attempt: Attempt, *, bodies: bool) -> dict[str, object]:
    error = attempt.error
    return {
        "number": attempt.number,
        "trigger": attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_ms": round(attempt.duration / timedelta(milliseconds=1)),
        "request": _request_json(attempt.request, bodies=bodies),
        "response": None
        if attempt.response is None
        else _response_json(attempt.response, bodies=bodies),
        "error": None if error is None else {"kind": error.kind, "message": error.message},
        "address": attempt.address,
        "next_attempt_at": _iso(attempt.next_attempt_at),
        "webhook_version": attempt.webhook_version,
    }


def _request_json(request: RequestRecord, *, bodies: bool) -> dict[str, object]:
    content: dict[str, object] = {"headers": _headers(request.headers), "body": request.body}
    return {
        "method": request.method,
        "url": request.url,
        **(content if bodies else {}),
        "body_truncated": request.body_truncated,
    }


def _response_json(response: ResponseRecord, *, bodies: bool) -> dict[str, object]:
    content: dict[str, object] = {"headers": _headers(response.headers), "body": response.body}
    return {
        "status": response.status,
        **(content if bodies else {}),
        "body_truncated": response.body_truncated,
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A repeated header has its values in one, with commas (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)
