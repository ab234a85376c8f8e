"""The event-type catalogue."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from hookline_api.schemas.base import Answer, Input, Timestamp


class EventTypeInput(Input):
    """What a type stands for, looks like, and must hold."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())

    description: str | None = Field(default=None, max_length=2000)
    example: Any = Field(default=None, description="A sample of an event's `data`.")
    schema_: dict[str, Any] | None = Field(
        default=None, alias="schema", description="The JSON Schema that `data` must follow."
    )
    archived: bool | None = Field(default=None, description="Default false: still offered.")


class EventTypeItem(Answer):
    """An entry in a list: without example and schema, which may be large."""

    type: str
    description: str
    archived: bool
    has_schema: bool
    updated_at: Timestamp


class EventType(Answer):
    """One entry."""

    type: str
    description: str
    example: Any
    schema_: dict[str, Any] | None = Field(alias="schema")
    archived: bool
    updated_at: Timestamp


class EventTypePage(Answer):
    """Entries in the order of their names."""

    items: list[EventTypeItem]
    next_cursor: str | None
