"""The messages of the inbound queue, and how often the work they name is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.documents.strict_json import InvalidJson, dumps, loads
from hookline.domain.ids import MessageId, TenantId
from hookline.errors import PoisonMessage

MAX_TRIES = 5
"""Runs of one message, crashed ones included. Below the queue's maxReceiveCount, so that a
message ends by our own count, with its reason; only one that kills every run is set aside."""

LEASE = timedelta(seconds=90)
"""How long one run may work on a message: above the time-outs of the functions that run it."""

STUCK_AFTER = timedelta(minutes=40)
"""A message still pending at this age has lost its place in the queue: five tries and the waits
between them take at most half an hour."""

_WAITS = (10, 60, 300, 900)


@dataclass(frozen=True, slots=True)
class InboundTask:
    """Work on this message."""

    tenant: TenantId
    message_id: MessageId


def task_to_text(task: InboundTask) -> str:
    """The task as the body of a queue message, readable in the console."""
    return dumps({"tenant": task.tenant, "message_id": task.message_id})


def task_from_text(text: str) -> InboundTask:
    """The task that `task_to_text` wrote. Raises PoisonMessage for anything else."""
    try:
        fields = loads(text)
    except InvalidJson as error:
        raise PoisonMessage(f"not JSON: {error.reason}") from None
    if not isinstance(fields, dict):
        raise PoisonMessage("not a JSON object")
    tenant, message_id = fields.get("tenant"), fields.get("message_id")
    if not isinstance(tenant, str) or not isinstance(message_id, str):
        raise PoisonMessage("tenant and message_id must be strings")
    if not tenant or not message_id.startswith("msg_"):
        raise PoisonMessage("tenant or message_id is not one")
    return InboundTask(TenantId(tenant), MessageId(message_id))


def wait_after(tries: int) -> timedelta:
    """The wait before the next try, after so many (from 1): 10 s, 1 min, 5 min, 15 min."""
    return timedelta(seconds=_WAITS[min(tries, len(_WAITS)) - 1])
