"""What the fan-out queue carries: a task as readable JSON, and back."""

from __future__ import annotations

from hookline.domain.documents import message_fields
from hookline.domain.fan_out.fan_out import FanOutTask
from hookline.domain.ids import EventId, TenantId
from hookline.domain.times import iso


def fan_out_message(task: FanOutTask) -> str:
    """The body of a message in the fan-out queue."""
    return message_fields.written(
        {
            "tenant": task.tenant,
            "event_id": task.event_id,
            "accepted_at": iso(task.accepted_at),
            "chunk": task.chunk,
        }
    )


def parse_fan_out_message(body: str) -> FanOutTask:
    """The task of a message. Raises PoisonMessage, saying what is wrong with it."""
    fields = message_fields.read(body)
    return FanOutTask(
        tenant=TenantId(message_fields.text(fields, "tenant")),
        event_id=EventId(message_fields.text(fields, "event_id")),
        accepted_at=message_fields.instant(fields, "accepted_at"),
        chunk=message_fields.count(fields, "chunk"),
    )
