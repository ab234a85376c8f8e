"""What users' expressions and functions see of a message (reference row FD-3)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from hookline.domain.inbound.message import Call, Message
from hookline.domain.inbound.provider import Provider
from hookline.domain.times import iso

MAX_TOLD_BYTES = 1024 * 1024
"""The largest body that a Lambda function gets besides the payload."""


@dataclass(frozen=True, slots=True)
class ReadableBody:
    """A body for JSON: its text, or base64 if it is not UTF-8."""

    text: str
    is_base64: bool


def readable(body: bytes) -> ReadableBody:
    """The body in this form."""
    try:
        return ReadableBody(body.decode(), is_base64=False)
    except UnicodeDecodeError:
        return ReadableBody(base64.b64encode(body).decode(), is_base64=True)


def match_view(message: Message, shown: Call | None = None) -> dict[str, object]:
    """What a match expression sees; ``shown`` is the call without what it must not see.

    ``path`` and ``uri`` are the same: what follows the tenant, without the query.
    """
    call = shown or message.call
    return {
        "message_id": message.id,
        "method": call.method,
        "path": call.uri,
        "uri": call.uri,
        "headers": dict(call.headers),
        "query": {name: list(values) for name, values in call.query.items()},
        "payload": message.payload,
        "raw": message.call.parsed.raw,
        "remote_addr": call.remote_addr,
    }


def match_function_view(message: Message) -> dict[str, object]:
    """What a match function gets: the same, and the pristine body unless it is large.

    Lambda takes 6 MB: a large body goes once, as the payload.
    """
    told = {name: value for name, value in match_view(message).items() if name != "raw"}
    if len(message.call.body) > MAX_TOLD_BYTES:
        return {**told, "body": None, "body_is_base64": False, "body_omitted": True}
    body = readable(message.call.body)
    return {**told, "body": body.text, "body_is_base64": body.is_base64}


def function_view(message: Message, provider: Provider) -> dict[str, object]:
    """What a function gets as ``message``.

    ``delivery_id`` is the sender's own id of this delivery, the same when it is sent again: to
    deduplicate by where the scheme signs no timestamp. ``event_type`` is the sender's name of its
    event. Each is None if the system has none.
    """
    preset = provider.verify.preset
    return {
        **match_function_view(message),
        "id": message.id,
        "received_at": iso(message.received_at),
        "provider_id": provider.id,
        "provider_name": provider.name,
        "delivery_id": delivery_id(message, provider),
        "event_type": preset.event_type.of(message.call) if preset and preset.event_type else None,
        "resubmit_of": message.resubmit_of,
    }


def delivery_id(message: Message, provider: Provider) -> str | None:
    """The sender's own id of this delivery; None if it is not known to have one."""
    preset = provider.verify.preset
    return preset.id.of(message.call) if preset and preset.id else None
