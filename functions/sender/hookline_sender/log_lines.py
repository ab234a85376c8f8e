"""The canonical log line of one message: ids and figures, never a payload or a secret."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery import Attempt, Delivery
from hookline.domain.times import iso
from hookline.domain.traceparent import read, trace_id
from hookline.services.delivery_messages import Handled


def fields_of(handled: Handled) -> dict[str, object]:
    """What a log line says of a message, without what is absent."""
    task = handled.message.task
    fields: dict[str, object | None] = {
        "outcome": handled.outcome,
        "detail": handled.detail,
        "then": type(handled.then).__name__,
        "tenant": task.key.tenant,
        "webhook_id": task.key.webhook_id,
        "delivery_id": task.key.id,
        "event_id": task.event_id,
        "message_id": handled.message.id,
        "receives": handled.message.receives,
        **_of_delivery(handled.delivery),
        **_of_attempt(handled.attempt),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _of_delivery(delivery: Delivery | None) -> dict[str, object | None]:
    if delivery is None:
        return {}
    due = delivery.next_attempt_at
    return {
        "event_type": delivery.event_type,
        "status": str(delivery.status),
        "generation": delivery.generation,
        "next_attempt_at": None if due is None else iso(due),
    }


def _trace_id(attempt: Attempt) -> str | None:
    """Out of what was sent: the same trace that the event was published in."""
    sent = (value for name, value in attempt.request.headers if name == "traceparent")
    return trace_id(read(next(sent, None)))


def _of_attempt(attempt: Attempt | None) -> dict[str, object | None]:
    if attempt is None:
        return {}
    return {
        "attempt": attempt.number,
        "trigger": attempt.trigger,
        "trace_id": _trace_id(attempt),
        "started_at": iso(attempt.started_at),
        "duration_ms": round(attempt.duration / timedelta(milliseconds=1)),
        "response_status": None if attempt.response is None else attempt.response.status,
        "error_kind": None if attempt.error is None else attempt.error.kind,
        "address": attempt.address,
    }
