"""Entries of the catalogue as JSON."""

from __future__ import annotations

from hookline.domain.event.catalogue import EventType, document_of
from hookline.domain.times import iso


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
