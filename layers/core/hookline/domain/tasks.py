"""What the queues between the functions carry: a task as readable JSON, and back.

Messages come from our own functions, but an operator may redrive, edit or send some by hand: what
cannot be read raises PoisonMessage and is set aside, so that the rest of its batch goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from hookline.domain import strict_json
from hookline.domain.delivery import DeliveryKey, DeliveryTask, Trigger
from hookline.domain.fan_out import FanOutTask
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.errors import PoisonMessage

_TRIGGERS = ("schedule", "retry", "probe", "test")
_DEEPEST = 8


def delivery_message(task: DeliveryTask) -> str:
    """The body of a delivery's message; what is false is left out."""
    return _message(_delivery_fields(task))


def dead_letter_message(task: DeliveryTask, reason: str) -> str:
    """The body of a dead letter: with its reason, and marked for the day it is redriven."""
    redriven = replace(task, redriven=True, admitted=False)
    return _message({**_delivery_fields(redriven), "reason": reason})


def parse_delivery_message(body: str) -> DeliveryTask:
    """The task of a message. Raises PoisonMessage, saying what is wrong with it."""
    fields = _fields(body)
    trigger = _text(fields, "trigger")
    if trigger not in _TRIGGERS:
        raise PoisonMessage(f"trigger is not one of {', '.join(_TRIGGERS)}")
    return DeliveryTask(
        key=DeliveryKey(
            TenantId(_text(fields, "tenant")),
            WebhookId(_text(fields, "webhook_id")),
            DeliveryId(_text(fields, "delivery_id")),
        ),
        event_id=EventId(_text(fields, "event_id")),
        generation=_count(fields, "generation"),
        sequence=_count(fields, "sequence"),
        trigger=cast("Trigger", trigger),
        redriven=_flag(fields, "redriven"),
        admitted=_flag(fields, "admitted"),
    )


def fan_out_message(task: FanOutTask) -> str:
    """The body of a message in the fan-out queue."""
    return _message(
        {
            "tenant": task.tenant,
            "event_id": task.event_id,
            "accepted_at": iso(task.accepted_at),
            "chunk": task.chunk,
        }
    )


def parse_fan_out_message(body: str) -> FanOutTask:
    """The task of a message. Raises PoisonMessage, saying what is wrong with it."""
    fields = _fields(body)
    return FanOutTask(
        tenant=TenantId(_text(fields, "tenant")),
        event_id=EventId(_text(fields, "event_id")),
        accepted_at=_instant(fields, "accepted_at"),
        chunk=_count(fields, "chunk"),
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
        **{name: True for name, value in flags.items() if value},
    }


def _message(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _fields(body: str) -> Mapping[str, object]:
    try:
        fields = strict_json.loads(body, max_depth=_DEEPEST)
    except strict_json.InvalidJson as invalid:
        raise PoisonMessage(f"the message is not JSON: {invalid.detail}") from invalid
    if not isinstance(fields, dict):
        raise PoisonMessage("the message is not a JSON object")
    return fields


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise PoisonMessage(f"{name} is missing or not a text")
    return value


def _count(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise PoisonMessage(f"{name} is missing or not a whole number from 0 on")
    return value


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise PoisonMessage(f"{name} is neither true nor false")
    return value


def _instant(fields: Mapping[str, object], name: str) -> datetime:
    try:
        return from_iso(_text(fields, name))
    except ValueError as wrong:
        raise PoisonMessage(f"{name} is not an ISO 8601 time") from wrong
