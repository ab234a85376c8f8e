"""Whole examples of shapes, put together from those of their fields."""

from __future__ import annotations

from typing import Any

from hookline.domain.documents.kinds import Kind
from hookline.domain.documents.shape import Object, Shape
from hookline_api.http.json_schema import View, plain
from hookline_api.schemas.base import Each


def example_of(shape: type[Shape], view: View) -> dict[str, Any]:
    """What must be given; all that is always there of an answer; one field of a patch."""
    fields = shape.fields.items()
    if view is View.ANSWER:
        return {name: _value(each.kind, each.example) for name, each in fields if not each.rare}
    if view is View.INPUT:
        needed = {name: plain(each.example) for name, each in fields if each.absent is None}
        if needed:
            return needed
    name, first = next(iter(fields))
    return {name: plain(first.example)}


def _value(kind: Kind[Any], example: object) -> Any:
    match kind:
        case Object():
            return example_of(kind.shape, View.ANSWER)
        case Each():
            return [_value(kind.item, kind.item.example)]
        case _:
            return plain(example)
