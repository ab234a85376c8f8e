"""Inbound messages as JSON."""

from __future__ import annotations

from hookline.domain.inbound.message import Execution, Message
from hookline.domain.inbound.views import readable
from hookline.domain.times import iso

MAX_SHOWN_BYTES = 262_144
"""The most of a body that is shown: Lambda answers with 6 MB at most, and people read this."""


def message_json(message: Message) -> dict[str, object]:
    """A message with everything that is stored of it."""
    whole = message.call.body
    large = len(whole) > MAX_SHOWN_BYTES
    body = readable(whole[:MAX_SHOWN_BYTES])
    why = f"not shown: the body has {len(whole)} bytes" if large else message.payload_problem
    return {
        **_common(message),
        "headers": dict(message.call.headers),
        "body": body.text,
        "body_is_base64": body.is_base64,
        "body_truncated": large,
        "payload": None if large else message.payload,
        "payload_problem": why,
        "executions": [_execution_json(each, logs=True) for each in message.executions],
    }


def message_item_json(message: Message) -> dict[str, object]:
    """A message in a list."""
    return {
        **_common(message),
        "executions": [_execution_json(each, logs=False) for each in message.executions],
    }


def _common(message: Message) -> dict[str, object]:
    call = message.call
    return {
        "id": message.id,
        "received_at": iso(message.received_at),
        "method": call.method,
        "uri": call.uri,
        "query": {name: list(values) for name, values in call.query.items()},
        "remote_addr": call.remote_addr,
        "provider_id": message.provider_id,
        "provider_name": message.provider_name,
        "status": message.status.value,
        "outcome": message.outcome.value if message.outcome else None,
        "message": message.message,
        "sync": message.sync,
        "passed_over": [
            {"provider_id": each.provider_id, "reason": each.reason} for each in message.passed_over
        ],
        "repeat_of": message.repeat_of,
        "resubmit_of": message.resubmit_of,
        "resubmitted_by": message.resubmitted_by,
    }


def _execution_json(execution: Execution, *, logs: bool) -> dict[str, object]:
    return {
        "function_id": execution.function_id,
        "function_name": execution.function_name,
        "status": execution.status.value,
        "elements": execution.elements,
        "elements_done": None if execution.elements is None else len(execution.done),
        "message": execution.message,
        **({"logs": execution.logs} if logs else {}),
        "started_at": iso(execution.started_at) if execution.started_at else None,
        "ended_at": iso(execution.ended_at) if execution.ended_at else None,
    }
