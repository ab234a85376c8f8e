"""Events and entries of the catalogue as JSON."""

from __future__ import annotations

from hookline.domain.event.catalogue import EventType, document_of
from hookline.domain.event.event import Event, event_document
from hookline.domain.fan_out.fan_out import FanOut
from hookline.domain.times import iso


def event_json(event: Event) -> dict[str, object]:
    """One event with all its content."""
    document = event_document(event)
    document.pop("timestamp")
    document["accepted_at"] = iso(event.accepted_at)
    if event.occurred_at is not None:
        document["occurred_at"] = iso(event.occurred_at)
    document["test"] = event.test
    return document


def event_item_json(fan_out: FanOut) -> dict[str, object]:
    """An event in a list, without its content."""
    return {
        "id": fan_out.event_id,
        "type": fan_out.event_type,
        "entity_id": fan_out.entity_id,
        "accepted_at": iso(fan_out.accepted_at),
        "matched_webhooks": fan_out.matched_count,
        "test": fan_out.test,
    }


def event_type_json(entry: EventType) -> dict[str, object]:
    """One entry."""
    return {
        "type": entry.type,
        **document_of(entry),
        "updated_at": iso(entry.updated_at),
    }


def event_type_item_json(entry: EventType) -> dict[str, object]:
    """An entry in a list, without example and schema."""
    return {
        "type": entry.type,
        "description": entry.description,
        "archived": entry.archived,
        "has_schema": entry.schema is not None,
        "updated_at": iso(entry.updated_at),
    }
