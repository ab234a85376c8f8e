"""What a message in the inbound queue says: which stored message to work on."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.documents.strict_json import InvalidJson, dumps, loads
from hookline.domain.ids import MessageId, TenantId
from hookline.errors import PoisonMessage


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
