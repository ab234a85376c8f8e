"""Examples of shapes, put together from those of their fields."""

from __future__ import annotations

from typing import Any

from hookline.domain.documents.kinds import Kind, ListOf, MapOf, Text
from hookline.domain.documents.shape import Either, Field, Later, Object, OneOf, Shape
from hookline_api.http.json_schema import View, plain
from hookline_api.schemas.base import Each

_COMPOSED = (Object, OneOf, Either, Each, ListOf)


def example_of(shape: type[Shape], view: View) -> dict[str, Any]:
    """What must be given; all that is always there of an answer; one field of a patch."""
    fields = shape.fields
    if view is View.ANSWER:
        return {
            name: example(each, view)
            for name, each in fields.items()
            if not each.rare and not (shape.sparse and each.nullable)
        }
    if view is View.INPUT:
        needed = {name: example(each, view) for name, each in fields.items() if not each.absent}
        if needed:
            return needed
    name, first = next(iter(fields.items()))
    return {name: example(first, view)}


def has_own_example(field: Field[Any]) -> bool:
    """Whether an example is to stand beside it: parts of what is composed have their own."""
    kind = field.kind.kind if isinstance(field.kind, Later) else field.kind
    item = getattr(kind, "item", None)
    composed = isinstance(kind, _COMPOSED) and (item is None or isinstance(item, _COMPOSED))
    return field.example is not None or not composed


def example(field: Field[Any], view: View) -> Any:
    """A value that the field may have."""
    return _value(field.kind, view) if field.example is None else plain(field.example)


def _value(kind: Kind[Any], view: View) -> Any:
    match kind:
        case Object():
            return example_of(kind.shape, view)
        case OneOf():
            return example_of(next(iter(kind.shapes.values())), view)
        case Either():
            return example_of(kind.shapes[0], view)
        case Later():
            return _value(kind.kind, view)
        case Each() | ListOf():
            return [_value(kind.item, view)]
        case MapOf() if not kind.example:
            return {"name": _value(kind.value, view)}
        case Text() if kind.example is None:
            return "text".ljust(kind.shortest, "-")[: kind.longest]
        case _:
            return plain(kind.example)
