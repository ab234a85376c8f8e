"""Two lines for the ten headers that follow from the attempt they stand in.

They are a third of what a common attempt weighs, and each write is billed by the kilobyte. They are
folded only where they stand as they can be unfolded: whatever else was sent is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.webhook.signing import timestamp_of

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
