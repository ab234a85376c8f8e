"""The canonical log line of one message: ids and figures, never a payload or a secret.

What is as always is left out, as is what is absent: a line is written for every attempt, and a log
is paid for by the byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.delivery.changing import planned_for
from hookline.domain.delivery.delivery import Attempt, Delivery
from hookline.domain.ids import DeliveryId, EventId, WebhookId
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


@dataclass(frozen=True, slots=True)
class Success:
    """An even success, without what its bodies weigh."""

    delivery_id: DeliveryId
    event_id: EventId
    webhook_id: WebhookId
    millis: int
    trace_id: str | None


def even_success(handled: Handled) -> Success | None:
    """One that went as it should: its first call, at its first receive, by the schedule."""
    attempt, message = handled.attempt, handled.message
    if attempt is None or handled.outcome != "success" or handled.error is not None:
        return None
    if message.receives > 1 or (attempt.number, attempt.trigger) != (1, "schedule"):
        return None
    key = message.task.key
    return Success(
        key.id, message.task.event_id, key.webhook_id, _millis(attempt), handled.trace_id
    )


def fields_together(successes: Sequence[Success]) -> dict[str, object]:
    """What one line says of several: each event's id with its deliveries', and the slowest."""
    deliveries: defaultdict[EventId, list[DeliveryId]] = defaultdict(list)
    for each in successes:
        deliveries[each.event_id].append(each.delivery_id)
    slowest = max(successes, key=lambda each: each.millis)
    return {
        "outcome": "success",
        # Not an object with ids for names: Logs Insights makes a field of each.
        "deliveries": [[event_id, *ids] for event_id, ids in deliveries.items()],
        "slowest_ms": slowest.millis,
        "slowest_webhook_id": slowest.webhook_id,
        "trace_ids": sorted({each.trace_id for each in successes if each.trace_id}) or None,
    }


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
        "duration_ms": _millis(attempt),
        "response_status": None if attempt.response is None else attempt.response.status,
        "error_kind": None if attempt.error is None else attempt.error.kind,
        "address": attempt.address,
    }


def _millis(attempt: Attempt) -> int:
    return round(attempt.duration / timedelta(milliseconds=1))
