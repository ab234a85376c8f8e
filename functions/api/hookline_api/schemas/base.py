"""What all shapes share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hookline.domain.event.patterns import TYPE_EXPRESSION

Timestamp = Annotated[
    str, Field(examples=["2026-11-22T12:00:00.000Z"], json_schema_extra={"format": "date-time"})
]
"""ISO 8601, UTC, milliseconds."""


EventTypeName = Annotated[str, Field(pattern=f"^{TYPE_EXPRESSION}$", examples=["flow.executed"])]
"""One exact event type."""


def words_of(choices: type[StrEnum]) -> Any:
    """For a text that is one of the words of an enum of the domain."""
    return Field(json_schema_extra={"enum": [each.value for each in choices]})


class Input(BaseModel):
    """A request's body: types as they are, unknown fields refused by name."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """An answer's body. More read-only fields may be added in later versions."""

    model_config = ConfigDict(extra="allow", frozen=True)
