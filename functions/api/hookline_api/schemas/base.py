"""What answers are declared with."""

from __future__ import annotations

from typing import Any

from hookline.domain.documents.kinds import Instant, Kind
from hookline.domain.documents.shape import Field, Object, Shape


class Answer(Shape):
    """Base of the shapes of answers. Later versions may add read-only fields."""


class Said(Kind[Any]):
    """A value in an answer, with its JSON Schema."""

    def __init__(self, example: object, schema: dict[str, object]) -> None:
        self.example, self.schema = example, schema


class Each(Kind[Any]):
    """A list in an answer."""

    def __init__(self, item: Kind[Any]) -> None:
        self.item = item


class ByName(Kind[Any]):
    """An object in an answer with names that are not known beforehand."""

    def __init__(self, value: Kind[Any], example: dict[str, object]) -> None:
        self.value, self.example = value, example


def text(example: str) -> Kind[Any]:
    """A text."""
    return Said(example, {"type": "string"})


def count(example: int) -> Kind[Any]:
    """A whole number."""
    return Said(example, {"type": "integer"})


def number(example: float) -> Kind[Any]:
    """A number."""
    return Said(example, {"type": "number"})


def identifier(prefix: str) -> Kind[Any]:
    """An id of ours: a prefix and a ULID."""
    example = f"{prefix}_01M81PY6T7X4SJTAJ8CSJCR31C"
    return Said(example, {"type": "string", "pattern": f"^{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}$"})


FLAG = Said(example=True, schema={"type": "boolean"})
MOMENT = Instant()


def always(
    kind: Kind[Any], about: str, *, nullable: bool = False, example: object = None
) -> Field[Any]:
    """A field that every answer has; null, if it is ``nullable``, for nothing to say."""
    return Field(kind, about, absent=None, nullable=nullable, example=example)


def sometimes(
    kind: Kind[Any], about: str, *, nullable: bool = False, example: object = None
) -> Field[Any]:
    """A field that an answer has only if there is something to say."""
    return Field(kind, about, absent=None, rare=True, nullable=nullable, example=example)


def page_of(name: str, item: type[Answer], about: str) -> type[Answer]:
    """The shape of one page of a list."""
    fields = {
        "__doc__": about,
        "items": always(Each(Object(item)), "Those of this page."),
        "next_cursor": always(
            text("MDFNODFQWTZUN1g0U0pUQUo4Q1NKQ1IzMUM"),
            "The `cursor` of the next page; null on the last one.",
            nullable=True,
        ),
    }
    return type(name, (Answer,), fields)


class Notice(Answer):
    """What is legal, and almost surely a mistake."""

    field = always(text("filter"), "Dotted path of the field that it is about.")
    message = always(
        text("type is compared with the field order.paid, which no event has"), "What it does."
    )


NOTICES = Each(Object(Notice))
"""The warnings of an answer."""
