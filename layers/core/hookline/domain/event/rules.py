"""The rules of an event's fields: a JSON document becomes an `Event`, or all its errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from hookline.domain.documents import strict_json
from hookline.domain.documents.kinds import Findings
from hookline.domain.event.event import RESERVED_ID_PREFIX, RESERVED_PREFIX, Actor, Event
from hookline.domain.event.fields import EVENT_ID, EventFields
from hookline.domain.ids import EventId, TenantId
from hookline.domain.net import header_rules
from hookline.errors import TooLarge

MAX_EVENT_BYTES = 256 * 1024
"""Of the whole event as compact UTF-8 JSON (product rule): what DynamoDB and Lambda can carry."""

MAX_DEPTH = strict_json.MAX_DEPTH
"""Levels of nesting, the event's own object included."""

_ID = re.compile(EVENT_ID)


def is_event_id(text: str) -> bool:
    """Whether an event could have this id."""
    return _ID.fullmatch(text) is not None


def event_of(
    document: Mapping[str, object],
    tenant: TenantId,
    accepted_at: datetime,
    fresh_id: EventId,
    *,
    traceparent: str | None = None,
) -> Event:
    """The event. ``fresh_id`` is used where the document names none.

    Raises Rejected with every FieldError, and TooLarge beyond `MAX_EVENT_BYTES`.
    """
    _check_size(document)
    findings = Findings()
    given = EventFields.read(document, findings)
    if given.type.startswith(RESERVED_PREFIX):
        findings.add("type", f"must not begin with {RESERVED_PREFIX}, the platform's own types")
    if given.id is not None and given.id.startswith(RESERVED_ID_PREFIX):
        findings.add(
            "id", f"must not begin with {RESERVED_ID_PREFIX}: those ids are the platform's"
        )
    feature = document.get("feature")
    event = Event(
        tenant=tenant,
        id=fresh_id if given.id is None else EventId(given.id),
        type=given.type,
        accepted_at=accepted_at,
        occurred_at=given.occurred_at,
        actor=None if given.actor is None else Actor(given.actor.id, given.actor.name),
        project=given.project,
        environment=given.environment,
        entity_id=given.entity_id,
        entity_type=given.entity_type,
        entity_url=given.entity_url,
        entity=given.entity,
        data=given.data,
        previous_data=given.previous_data,
        tags=given.tags,
        feature=feature if isinstance(feature, dict) else None,
        traceparent=header_rules.read_traceparent(traceparent),
    )
    for name, value in document.items():
        if 1 + strict_json.levels(value) > MAX_DEPTH:
            findings.add(name, f"nests deeper than {MAX_DEPTH} levels, the event's own included")
    findings.settle()
    return event


def _check_size(document: Mapping[str, object]) -> None:
    size = len(strict_json.dumps(document).encode())
    if size > MAX_EVENT_BYTES:
        raise TooLarge(f"The event has {size} bytes; {MAX_EVENT_BYTES} are allowed.")
