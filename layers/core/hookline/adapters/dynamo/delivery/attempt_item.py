"""An attempt as a map: the latest inside its delivery's item, older ones as items of their own.

The ten headers that every attempt has take a third of a common attempt, and writes are billed by
the kilobyte: two short lines stand for them. Only what can be restored exactly is folded so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.delivery.delivery import (
    Attempt,
    AttemptError,
    DefaultBody,
    Delivery,
    RequestRecord,
    ResponseRecord,
)
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.domain.webhook.signing import timestamp_of

TEXTS = ("request.body", "response.body", "error.message")
"""Paths of what may be long in an attempt's map."""

_MILLISECOND = timedelta(milliseconds=1)

# No line of a header: a name holds no parenthesis (RFC 9110, section 5.6.2).
_FOLDED = re.compile(r"\((?P<prefix>\S+) headers by (?P<agent>.+)\)")
_AGENT = "User-Agent: "
_ADDRESSED = "(Host)"
"""Stands for Host, as the url has it, and the Accept-Encoding that every call has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the platform's own headers of an attempt tell; ``host`` is what the url has."""

    event_id: EventId
    event_type: str
    webhook_id: WebhookId
    delivery_id: DeliveryId
    number: int
    started_at: datetime
    host: str


def to_map(attempt: Attempt, delivery: Delivery) -> dict[str, Any]:
    """Headers are lines as they went over the wire: in order, repeated ones and all.

    The usual ones are folded into one, and what is as always is left out: a scheduled trigger, a
    body that was not cut.
    """
    request, response, error = attempt.request, attempt.response, attempt.error
    about = _about(delivery, attempt.number, attempt.started_at, request.url)
    return {
        "number": attempt.number,
        "trigger": None if attempt.trigger == "schedule" else attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_ms": attempt.duration / _MILLISECOND,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": fold(_lines(request.headers), about),
            "body": request.body,
            "body_truncated": request.body_truncated or None,
            "default_body": _default_body_to_map(request.default_body),
        },
        "response": None
        if response is None
        else {
            "status": response.status,
            "headers": _lines(response.headers),
            "body": response.body,
            "body_truncated": response.body_truncated or None,
        },
        "error": None if error is None else {"kind": error.kind, "message": error.message},
        "address": attempt.address,
        "next_attempt_at": iso(attempt.next_attempt_at) if attempt.next_attempt_at else None,
        "webhook_version": attempt.webhook_version,
    }


def from_map(item: Item, delivery: Delivery) -> Attempt:
    """The attempt that `to_map` made the map of; what a projection left out reads as empty.

    Of ``delivery`` only what it keeps for ever is read: its ids and its event's type.
    """
    error, next_attempt_at = item.get("error"), item.get("next_attempt_at")
    started_at = from_iso(item["started_at"])
    return Attempt(
        number=item["number"],
        trigger=item.get("trigger", "schedule"),
        started_at=started_at,
        duration=item["duration_ms"] * _MILLISECOND,
        request=_request(
            item["request"],
            _about(delivery, item["number"], started_at, item["request"]["url"]),
        ),
        response=_response(item.get("response")),
        error=AttemptError(error["kind"], error["message"]) if error else None,
        address=item.get("address"),
        next_attempt_at=from_iso(next_attempt_at) if next_attempt_at else None,
        webhook_version=item.get("webhook_version"),
    )


def _request(item: Item, about: About) -> RequestRecord:
    default_body = item.get("default_body")
    return RequestRecord(
        method=item["method"],
        url=item["url"],
        headers=_pairs(unfold(item.get("headers", ()), about)),
        body=item.get("body"),
        body_truncated=item.get("body_truncated", False),
        default_body=_default_body_from_map(default_body) if default_body else None,
    )


def _default_body_to_map(body: DefaultBody | None) -> dict[str, Any] | None:
    if body is None:
        return None
    return {"sha256": body.sha256, "without_entity": not body.include_entity or None}


def _default_body_from_map(item: Item) -> DefaultBody:
    return DefaultBody(item["sha256"], include_entity=not item.get("without_entity", False))


def _response(item: Item | None) -> ResponseRecord | None:
    if item is None:
        return None
    return ResponseRecord(
        status=item["status"],
        headers=_pairs(item.get("headers", ())),
        body=item.get("body", ""),
        body_truncated=item.get("body_truncated", False),
    )


def _about(delivery: Delivery, number: int, started_at: datetime, url: str) -> About:
    return About(
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        webhook_id=delivery.key.webhook_id,
        delivery_id=delivery.key.id,
        number=number,
        started_at=started_at,
        host=url.partition("://")[2].partition("/")[0],
    )


def _lines(headers: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def _pairs(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    # A header's name holds no colon (RFC 9110, section 5.1): the first one ends it.
    split = (line.partition(": ") for line in lines)
    return tuple((name, value) for name, _, value in split)


def fold(lines: Sequence[str], about: About) -> list[str]:
    """The lines, with one in place of the first two, and of the usual eight in a row."""
    if list(lines[:2]) == _addressed(about):
        lines = [_ADDRESSED, *lines[2:]]
    first = next((n for n, line in enumerate(lines) if line.startswith(_AGENT)), None)
    if first is None or first + 3 >= len(lines):
        return list(lines)
    agent = lines[first].removeprefix(_AGENT)
    prefix = lines[first + 3].partition("-Event-Id: ")[0]
    line = f"({prefix} headers by {agent})"
    usual = _usual(prefix, agent, about)
    beyond = first + len(usual)
    if list(lines[first:beyond]) != usual or unfold([line], about) != usual:
        return list(lines)
    return [*lines[:first], line, *lines[beyond:]]


def unfold(lines: Sequence[str], about: About) -> list[str]:
    """The lines that `fold` was given."""
    whole: list[str] = []
    for line in lines:
        if line == _ADDRESSED:
            whole += _addressed(about)
            continue
        folded = _FOLDED.fullmatch(line)
        whole += _usual(folded["prefix"], folded["agent"], about) if folded else [line]
    return whole


def _addressed(about: About) -> list[str]:
    return [f"Host: {about.host}", "Accept-Encoding: identity"]


def _usual(prefix: str, agent: str, about: About) -> list[str]:
    return [
        f"{_AGENT}{agent}",
        f"webhook-id: {about.event_id}",
        f"webhook-timestamp: {timestamp_of(about.started_at)}",
        f"{prefix}-Event-Id: {about.event_id}",
        f"{prefix}-Event: {about.event_type}",
        f"{prefix}-Id: {about.webhook_id}",
        f"{prefix}-Delivery-Id: {about.delivery_id}",
        f"{prefix}-Attempt: {about.number}",
    ]
