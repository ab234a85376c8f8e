"""Entries of the catalogue as JSON."""

from __future__ import annotations

from hookline.domain.catalogue import EventType
from hookline.domain.times import iso


def event_type_json(entry: EventType) -> dict[str, object]:
    """One entry."""
    return {
        "type": entry.type,
        "description": entry.description,
        "example": entry.example,
        "schema": None if entry.schema is None else dict(entry.schema),
        "archived": entry.archived,
        "updated_at": iso(entry.updated_at),
    }


def event_type_item_json(entry: EventType) -> dict[str, object]:
    """An entry in a list: lists carry no bodies."""
    return {
        "type": entry.type,
        "description": entry.description,
        "archived": entry.archived,
        "has_schema": entry.schema is not None,
        "updated_at": iso(entry.updated_at),
    }


def editable_json(entry: EventType) -> dict[str, object]:
    """The fields that can be set, as a merge patch finds them."""
    whole = event_type_json(entry)
    return {name: whole[name] for name in ("description", "example", "schema", "archived")}
