"""The rules of an event's fields: a JSON document becomes an `Event`, or all its errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from hookline.domain.documents import strict_json
from hookline.domain.documents.fields import Fields, Findings
from hookline.domain.event.event import RESERVED_ID_PREFIX, RESERVED_PREFIX, Actor, Event
from hookline.domain.event.patterns import validate_type
from hookline.domain.ids import EventId, TenantId
from hookline.domain.net import traceparent as trace_context
from hookline.errors import TooLarge

MAX_EVENT_BYTES = 256 * 1024
"""Of the whole event as compact UTF-8 JSON (product rule): what DynamoDB and Lambda can carry."""

MAX_DEPTH = strict_json.MAX_DEPTH
"""Levels of nesting, the event's own object included."""

MAX_TEXT = 500
MAX_URL = 2_048

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


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
    fields = Fields(document, Findings())
    event = Event(
        tenant=tenant,
        id=_id(fields) or fresh_id,
        type=_type(fields),
        accepted_at=accepted_at,
        occurred_at=fields.instant("occurred_at"),
        actor=_actor(fields),
        project=fields.text("project", MAX_TEXT),
        environment=fields.text("environment", MAX_TEXT),
        entity_id=fields.text("entity_id", MAX_TEXT),
        entity_type=fields.text("entity_type", MAX_TEXT),
        entity_url=_entity_url(fields),
        entity=fields.raw("entity"),
        data=fields.raw("data"),
        previous_data=fields.raw("previous_data"),
        tags=fields.raw("tags"),
        feature=_feature(fields),
        traceparent=trace_context.read(traceparent),
    )
    fields.close()
    for name, value in document.items():
        if 1 + strict_json.levels(value) > MAX_DEPTH:
            fields.refuse(name, f"nests deeper than {MAX_DEPTH} levels, the event's own included")
    fields.findings.settle()
    return event


def _check_size(document: Mapping[str, object]) -> None:
    size = len(strict_json.dumps(document).encode())
    if size > MAX_EVENT_BYTES:
        raise TooLarge(f"The event has {size} bytes; {MAX_EVENT_BYTES} are allowed.")


def _id(fields: Fields) -> EventId | None:
    text = fields.text("id", 64)
    if text is not None and not is_event_id(text):
        fields.refuse("id", "must be 1 to 64 letters, digits, _ and -")
    elif text is not None and text.startswith(RESERVED_ID_PREFIX):
        fields.refuse("id", f"must not begin with {RESERVED_ID_PREFIX}, the platform's own ids")
    return None if text is None else EventId(text)


def _type(fields: Fields) -> str:
    text = fields.required_text("type", 128)
    problem = validate_type(text) if text else None
    if problem:
        fields.refuse("type", problem)
    elif text.startswith(RESERVED_PREFIX):
        fields.refuse("type", f"must not begin with {RESERVED_PREFIX}, the platform's own types")
    return text


def _actor(fields: Fields) -> Actor | None:
    actor = fields.inner("actor")
    if not isinstance(fields.raw("actor"), dict):
        return None
    found = Actor(actor.required_text("id", MAX_TEXT), actor.text("name", MAX_TEXT))
    actor.close()
    return found


def _entity_url(fields: Fields) -> str | None:
    """A link for people, which nothing here calls: any absolute http url."""
    text = fields.text("entity_url", MAX_URL)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        fields.refuse("entity_url", "must be an absolute http or https url")
    return text


def _feature(fields: Fields) -> Mapping[str, object] | None:
    """A feature and its strategies by context path (reference row IZ-4)."""
    feature = fields.inner("feature")
    value = fields.raw("feature")
    if not isinstance(value, dict):
        return None
    feature.required_text("id", MAX_TEXT)
    feature.text("name", MAX_TEXT)
    for name in ("strategies", "previous_strategies"):
        strategies = feature.inner(name)
        given = feature.raw(name)
        for path, strategy in (given if isinstance(given, dict) else {}).items():
            if not isinstance(strategy, dict):
                strategies.refuse(path, "must be an object")
    feature.close()
    return value
