"""Tasks: what asks for a delivery's next attempt, and how queues carry that, as readable JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from hookline.domain.delivery.carried import attempt_fields, attempt_of
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, DeliveryTask, Trigger
from hookline.domain.documents import message_fields
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.errors import PoisonMessage

_TRIGGERS = ("schedule", "retry", "probe", "test")


def task_of(delivery: Delivery, *, admitted: bool = False) -> DeliveryTask:
    """The message that asks for the delivery's next attempt."""
    return DeliveryTask(
        key=delivery.key,
        event_id=delivery.event_id,
        generation=delivery.generation,
        sequence=delivery.sequence,
        ticket=delivery.ticket,
        trigger=delivery.trigger,
        admitted=admitted,
    )


def delivery_message(task: DeliveryTask) -> str:
    """The body of a task's message; fields that are false or zero are left out."""
    return message_fields.written(_delivery_fields(task))


def dead_letter_message(task: DeliveryTask, reason: str) -> str:
    """The body of a dead letter: the task, marked as redriven for its return, and the reason."""
    redriven = replace(task, redriven=True, admitted=False, made=None)
    return message_fields.written({**_delivery_fields(redriven), "reason": reason})


def parse_delivery_message(body: str) -> DeliveryTask:
    """The task in a message. Raises PoisonMessage, saying what is wrong."""
    fields = message_fields.read(body)
    trigger = message_fields.text(fields, "trigger")
    if trigger not in _TRIGGERS:
        raise PoisonMessage(f"trigger is not one of {', '.join(_TRIGGERS)}")
    return DeliveryTask(
        key=DeliveryKey(
            TenantId(message_fields.text(fields, "tenant")),
            WebhookId(message_fields.text(fields, "webhook_id")),
            DeliveryId(message_fields.text(fields, "delivery_id")),
        ),
        event_id=EventId(message_fields.text(fields, "event_id")),
        generation=message_fields.count(fields, "generation"),
        sequence=message_fields.count(fields, "sequence"),
        ticket=message_fields.count(fields, "ticket") if "ticket" in fields else 0,
        trigger=cast("Trigger", trigger),
        made=attempt_of(fields["made"]) if "made" in fields else None,
        redriven=message_fields.flag(fields, "redriven"),
        admitted=message_fields.flag(fields, "admitted"),
    )


def _delivery_fields(task: DeliveryTask) -> dict[str, object]:
    flags = {"redriven": task.redriven, "admitted": task.admitted}
    return {
        "tenant": task.key.tenant,
        "webhook_id": task.key.webhook_id,
        "delivery_id": task.key.id,
        "event_id": task.event_id,
        "generation": task.generation,
        "sequence": task.sequence,
        "trigger": task.trigger,
        **({"ticket": task.ticket} if task.ticket else {}),
        **({"made": attempt_fields(task.made)} if task.made else {}),
        **{name: True for name, value in flags.items() if value},
    }
