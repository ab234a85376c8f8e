"""A message as an item of ``inbound-messages``, and its body as another where it is large."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, cast

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item, json_of_text, text_of_json
from hookline.adapters.dynamo.table.packing import packed
from hookline.domain.ids import FunctionId, MessageId, PrincipalId, ProviderId, TenantId
from hookline.domain.inbound.message import (
    RETENTION,
    Call,
    Execution,
    Message,
    Original,
    Outcome,
    PassedOver,
    Progress,
)
from hookline.domain.inbound.views import readable
from hookline.domain.times import from_iso, iso

LARGEST_INLINE_BODY = 16_384
"""Bytes of a body kept in the message's own item: each claim and result is billed by its size."""

LARGEST_ITEM_BODY = 262_144
"""Bytes of a body kept in DynamoDB at all: in base64 they still fit an item of 400 KB."""

WITHOUT_BODY = (
    "tenant",
    "id",
    "received_at",
    "method",
    "uri",
    "headers",
    "query",
    "remote_addr",
    "url",
    "sync",
    "provider_id",
    "provider_name",
    "status",
    "outcome",
    "message",
    "passed_over",
    "executions",
    "tries",
    "repeat_of",
    "resubmit_of",
    "resubmitted_by",
    "original",
    "ttl",
)
"""What a list reads of a message."""


def to_item(message: Message) -> Item:
    """The message; its body only when it is small."""
    call = message.call
    in_bucket = has_body_in_bucket(message)
    apart = has_body_apart(message)
    item = {
        **keys.message(message.tenant, message.id),
        "received_at": iso(message.received_at),
        "method": call.method,
        "uri": call.uri,
        "remote_addr": call.remote_addr,
        "url": call.url,
        "body_apart": (apart and not in_bucket) or None,
        "body_in_bucket": in_bucket or None,
        **({} if apart else _body(call.body)),
        "sync": message.sync,
        "resubmit_of": message.resubmit_of,
        "resubmitted_by": message.resubmitted_by,
        "original": _original_to_map(message.original),
        "tries": message.tries,
        **_progress(message),
        "ttl": ttl(message),
    }
    return packed(item, "body", "query", "executions.*.logs", "executions.*.message")


def body_to_item(message: Message) -> Item:
    """The body of a message whose own item does not hold it."""
    item = {
        **keys.message_body(message.tenant, message.id),
        **_body(message.call.body),
        "ttl": ttl(message),
    }
    return packed(item, "body")


def progress(message: Message) -> Item:
    """What changes while a message is worked on."""
    item = to_item(message)
    return {name: item[name] for name in _progress(message)}


def _progress(message: Message) -> Item:
    return {
        # As JSON text: a query's names may be empty, and those of a map may not.
        "headers": dict(message.call.headers),
        "query": text_of_json({name: list(each) for name, each in message.call.query.items()}),
        "provider_id": message.provider_id,
        "provider_name": message.provider_name,
        "status": message.status.value,
        "outcome": message.outcome.value if message.outcome else None,
        "message": message.message,
        "repeat_of": message.repeat_of,
        "passed_over": [
            {"provider_id": each.provider_id, "reason": each.reason} for each in message.passed_over
        ],
        "executions": [_execution_to_map(each) for each in message.executions],
    }


def from_item(item: Item, body: Item | None = None) -> Message:
    """The message of its item, and of its body's item; the body is empty where neither has it."""
    return Message(
        id=MessageId(item["id"]),
        call=Call(
            tenant=TenantId(item["tenant"]),
            method=item["method"],
            uri=item["uri"],
            headers=item["headers"],
            query=_query(item["query"]),
            body=_body_of(body or item),
            remote_addr=item["remote_addr"],
            url=item.get("url", ""),
        ),
        received_at=from_iso(item["received_at"]),
        sync=item["sync"],
        provider_id=_optional(ProviderId, item.get("provider_id")),
        provider_name=item.get("provider_name"),
        status=Progress(item["status"]),
        outcome=_optional(Outcome, item.get("outcome")),
        message=item["message"],
        passed_over=tuple(
            PassedOver(ProviderId(each["provider_id"]), each["reason"])
            for each in item["passed_over"]
        ),
        executions=tuple(_execution_from_map(each) for each in item["executions"]),
        tries=item["tries"],
        repeat_of=_optional(MessageId, item.get("repeat_of")),
        resubmit_of=_optional(MessageId, item.get("resubmit_of")),
        resubmitted_by=_optional(PrincipalId, item.get("resubmitted_by")),
        original=_original_from(item),
    )


def has_body_apart(message: Message) -> bool:
    """Whether the body is in an item of its own."""
    return len(message.call.body) > LARGEST_INLINE_BODY


def has_body_in_bucket(message: Message) -> bool:
    """Whether the body is too large for any item."""
    return len(message.call.body) > LARGEST_ITEM_BODY


def ttl(message: Message) -> int:
    """When the message goes, in epoch seconds."""
    return int((message.received_at + RETENTION).timestamp())


def _body(content: bytes) -> Item:
    body = readable(content)
    return {"body": body.text, "body_is_base64": body.is_base64}


def _body_of(item: Item) -> bytes:
    text = str(item.get("body", ""))
    return base64.b64decode(text) if item.get("body_is_base64") else text.encode()


def _query(text: str) -> Mapping[str, tuple[str, ...]]:
    names = cast("Mapping[str, list[str]]", json_of_text(text))
    return {name: tuple(values) for name, values in names.items()}


def _original_to_map(original: Original | None) -> dict[str, Any] | None:
    if original is None:
        return None
    return {
        "id": original.id,
        "received_at": iso(original.received_at),
        "provider_id": original.provider_id,
    }


def _original_from(item: Item) -> Original | None:
    resubmit_of, stored = item.get("resubmit_of"), item.get("original")
    if resubmit_of is None:
        return None
    if stored is None:  # resubmitted by a version that did not verify again
        return Original(id=MessageId(resubmit_of), received_at=from_iso(item["received_at"]))
    return Original(
        id=MessageId(stored["id"]),
        received_at=from_iso(stored["received_at"]),
        provider_id=_optional(ProviderId, stored.get("provider_id")),
    )


def _execution_to_map(execution: Execution) -> dict[str, Any]:
    return {
        "function_id": execution.function_id,
        "function_name": execution.function_name,
        "status": execution.status.value,
        "message": execution.message,
        "logs": execution.logs,
        "elements": execution.elements,
        "done": list(execution.done) or None,
        "started_at": iso(execution.started_at) if execution.started_at else None,
        "ended_at": iso(execution.ended_at) if execution.ended_at else None,
    }


def _execution_from_map(item: Item) -> Execution:
    return Execution(
        function_id=FunctionId(item["function_id"]),
        function_name=item["function_name"],
        status=Progress(item["status"]),
        message=item["message"],
        logs=item["logs"],
        elements=item.get("elements"),
        done=tuple(item.get("done") or ()),
        started_at=_optional(from_iso, item.get("started_at")),
        ended_at=_optional(from_iso, item.get("ended_at")),
    )


def _optional[Value](make: Callable[[str], Value], text: str | None) -> Value | None:
    return None if text is None else make(text)
