"""Declared shapes as JSON Schema 2020-12 with examples, for the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from hookline.domain.documents.kinds import (
    CONTROL_CHARACTERS,
    Anything,
    Choice,
    Flag,
    Instant,
    Kind,
    ListOf,
    MapOf,
    Number,
    Text,
    Whole,
)
from hookline.domain.documents.shape import Either, Field, Later, Object, OneOf, Shape, WordOr
from hookline_api.schemas.base import Answer, ByName, Each, Said

type Schema = dict[str, Any]

REF = "#/components/schemas/{}"
_COMPOSED = (Object, OneOf, Either, Each, ListOf)


class View(Enum):
    """Where a shape is used, which decides what its fields may be."""

    INPUT = "Input"
    PATCH = "Patch"
    ANSWER = ""


type Use = tuple[type[Shape], View]


def name_of(shape: type[Shape], view: View) -> str:
    """Its name in the document: ``WebhookFields`` in a PATCH are a ``WebhookPatch``."""
    stem = shape.__name__.removesuffix("Fields")
    return stem if issubclass(shape, Answer) else f"{stem}{view.value}"


def ref_to(shape: type[Shape], view: View) -> Schema:
    """A reference to a shape among the document's components."""
    return {"$ref": REF.format(name_of(shape, view))}


def schemas_of(uses: Iterable[Use]) -> dict[str, Schema]:
    """The schemas of the shapes, and of all shapes they refer to, by name."""
    found: dict[str, Schema] = {}
    due = list(uses)
    while due:
        shape, view = due.pop()
        name = name_of(shape, view)
        if name not in found:
            writer = Writer(view)
            found[name] = writer.object(shape)
            due += writer.referred
    return dict(sorted(found.items()))


class Writer:
    """Writes schemas for one view; ``referred`` collects the shapes they refer to."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.referred: list[Use] = []

    def object(self, shape: type[Shape]) -> Schema:
        """The schema of a shape."""
        answer = self.view is View.ANSWER
        sparse = answer and shape.sparse
        properties: dict[str, Schema] = {}
        must: list[str] = []
        for name, field in shape.fields.items():
            always = not field.rare and not (sparse and field.nullable)
            given = field.absent is None and self.view is View.INPUT
            if always if answer else given:
                must.append(name)
            null = field.nullable and not sparse if answer else field.absent is not None
            properties[name] = self.field(field, null=null)
        schema: Schema = {"type": "object", "description": _words(shape), "properties": properties}
        if must:
            schema["required"] = must
        if not answer:  # of what is sent, all must be known; later versions may answer more
            schema["additionalProperties"] = False
        return schema

    def field(self, field: Field[Any], *, null: bool) -> Schema:
        """A field: its values, meaning, example and default."""
        schema = self.kind(field.kind)
        if null:
            schema = _or_null(schema)
        elif "$ref" in schema:
            schema = {"allOf": [schema]}
        schema["description"] = field.about
        if field.default is not None and self.view is View.INPUT:
            # In words, since generators take a field with a `default` for a required one.
            schema["description"] += f" Default {json.dumps(plain(field.default))}."
        if _has_own_example(field):
            schema["examples"] = [example(field, self.view)]
        return schema

    def kind(self, kind: Kind[Any]) -> Schema:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        """The schema of one value."""
        match kind:
            case Text():
                # A value in an answer may be masked, or older than a rule.
                return {"type": "string"} if self.view is View.ANSWER else _text(kind)
            case Flag():
                return {"type": "boolean"}
            case Number():
                return {"type": "number", "minimum": kind.lowest, "maximum": kind.highest}
            case Whole():
                return {"type": "integer", "minimum": kind.lowest, "maximum": kind.highest}
            case Choice():
                return {"type": "string", "enum": [str(word) for word in kind.words]}
            case Instant():
                return {"type": "string", "format": "date-time"}
            case ListOf():
                return self._list(kind)
            case Each():
                return {"type": "array", "items": self.kind(kind.item)}
            case MapOf() | ByName():
                return {"type": "object", "additionalProperties": self.kind(kind.value)}
            case Later():
                return self.kind(kind.kind)
            case Object():
                self.referred.append((kind.shape, self.view))
                return ref_to(kind.shape, self.view)
            case WordOr():
                return {"anyOf": [self.kind(kind.word), self.kind(kind.object)]}
            case OneOf():
                return self._one_of(kind)
            case Either():
                self.referred += [(shape, self.view) for shape in kind.shapes]
                several = "oneOf" if self.view is View.INPUT else "anyOf"
                return {several: [ref_to(shape, self.view) for shape in kind.shapes]}
            case Said():
                return dict(kind.schema)
            case Anything():
                return {}
            case _:
                raise TypeError(f"no schema for a {type(kind).__name__}")

    def _list(self, kind: ListOf[Any]) -> Schema:
        schema: Schema = {"type": "array", "items": self.kind(kind.item)}
        if self.view is not View.ANSWER:
            schema |= {"minItems": kind.least} if kind.least else {}
            schema |= {"maxItems": kind.most, "uniqueItems": isinstance(kind.item, Text | Choice)}
        return schema

    def _one_of(self, kind: OneOf) -> Schema:
        shapes = list(dict.fromkeys(kind.shapes.values()))
        self.referred += [(shape, self.view) for shape in shapes]
        refs = [ref_to(shape, self.view) for shape in shapes]
        if self.view is View.PATCH:
            return {"anyOf": refs}  # without its tag it is of the kind that stands
        mapping = {
            word: REF.format(name_of(shape, self.view)) for word, shape in kind.shapes.items()
        }
        return {
            "oneOf": refs,
            "discriminator": {"propertyName": kind.tag, "mapping": mapping},
        }


def example_of(shape: type[Shape], view: View) -> dict[str, Any]:
    """An example.

    An input has its required fields, an answer those always present, a patch one.
    """
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


def _has_own_example(field: Field[Any]) -> bool:
    """Whether the field needs an example: composed kinds take those of their parts."""
    kind = field.kind.kind if isinstance(field.kind, Later) else field.kind
    item = getattr(kind, "item", None)
    composed = isinstance(kind, _COMPOSED) and (item is None or isinstance(item, _COMPOSED))
    return field.example is not None or not composed


def example(field: Field[Any], view: View) -> Any:
    """An example of the field's value."""
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


def plain(value: object) -> Any:
    """A value of a declaration as JSON."""
    match value:
        case tuple() | list():
            return [plain(each) for each in value]
        case Mapping():
            return {name: plain(each) for name, each in value.items()}
        case str():
            return str(value)
        case _:
            return value


def _text(kind: Text) -> Schema:
    schema: Schema = {"type": "string"}
    if kind.shortest:
        schema["minLength"] = kind.shortest
    schema["maxLength"] = kind.longest
    if kind.like:
        schema["pattern"] = f"^(?:{kind.like[0]})$"
    elif kind.one_line:
        schema["pattern"] = f"^[^{CONTROL_CHARACTERS}]*$"
    return schema


def _or_null(schema: Schema) -> Schema:
    if not schema:
        return schema
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _words(shape: type[Shape]) -> str:
    return " ".join((shape.__doc__ or "").split())
