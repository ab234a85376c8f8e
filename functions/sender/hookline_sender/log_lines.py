"""The canonical log line of one message: ids and figures, never a payload or a secret.

What is as always is left out, as is what is absent: a line is written for every attempt, and a log
is paid for by the byte.
"""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery.changing import planned_for
from hookline.domain.delivery.delivery import Attempt, Delivery
from hookline.domain.times import iso
from hookline.services.delivery.delivery_messages import Acknowledge, Handled


def fields_of(handled: Handled) -> dict[str, object]:
    """What a log line says of a message."""
    task, message = handled.message.task, handled.message
    acknowledged = isinstance(handled.then, Acknowledge)
    fields: dict[str, object | None] = {
        "outcome": handled.outcome,
        "detail": handled.detail,
        "then": None if acknowledged else type(handled.then).__name__,
        "tenant": task.key.tenant,
        "webhook_id": task.key.webhook_id,
        "delivery_id": task.key.id,
        "event_id": task.event_id,
        "queue_message_id": None if acknowledged and message.receives == 1 else message.id,
        "receives": message.receives if message.receives > 1 else None,
        **_of_delivery(handled.delivery, handled.outcome),
        "trace_id": handled.trace_id,
        **_of_attempt(handled.attempt),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _of_delivery(delivery: Delivery | None, outcome: str) -> dict[str, object | None]:
    if delivery is None:
        return {}
    due = planned_for(delivery)
    return {
        "event_type": delivery.event_type,
        "status": None if outcome == delivery.status else str(delivery.status),
        "generation": delivery.generation or None,
        "next_attempt_at": None if due is None else iso(due),
    }


def _of_attempt(attempt: Attempt | None) -> dict[str, object | None]:
    if attempt is None:
        return {}
    return {
        "attempt": attempt.number,
        "trigger": None if attempt.trigger == "schedule" else attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_ms": round(attempt.duration / timedelta(milliseconds=1)),
        "response_status": None if attempt.response is None else attempt.response.status,
        "error_kind": None if attempt.error is None else attempt.error.kind,
        "address": attempt.address,
    }
