"""Users' JSON Schemas: checked when they are saved, and applied within bounds.

Every draft that the jsonschema package knows works, except for what has no bounds: remote
references, `patternProperties`, the `unevaluated…` and the dynamic keywords.
https://json-schema.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import unquote

import jsonschema
from referencing import Registry
from referencing.exceptions import Unresolvable

from hookline.domain.documents.strict_json import dumps
from hookline.domain.sandbox import metered_schema, patterns
from hookline.domain.sandbox.metered_schema import Uncheckable
from hookline.domain.sandbox.patterns import InvalidPattern
from hookline.domain.sandbox.schema_words import shortened, words
from hookline.errors import FieldError, Refused

MAX_BYTES = 32 * 1024
MAX_DEPTH = 32
MAX_ERRORS = 20

_STEPS_FOR_NOTHING = 30_000
"""Steps that a schema may take to check an empty object: one that takes more repeats itself too
often."""

_REFUSED = frozenset(
    {"patternProperties", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef",
     "$recursiveRef", "$id", "id"}
)  # fmt: skip
_MAPS = frozenset({"properties", "$defs", "definitions", "dependentSchemas", "dependencies"})
_DATA = frozenset({"const", "enum", "default", "examples", "example"})


class InvalidSchema(Refused):
    """Not a usable schema; ``path`` is dotted, "" for the whole."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.message = message
        self.path = path


def check_schema(schema: object) -> None:
    """Raises InvalidSchema for what is no schema, too large, too deep, or not supported."""
    if not isinstance(schema, dict):
        raise InvalidSchema("must be an object")
    if len(dumps(schema).encode()) > MAX_BYTES:
        raise InvalidSchema(f"must not be larger than {MAX_BYTES} bytes")
    places = _Places()
    places.look_at(schema, (), 1)
    places.check_references()
    draft = metered_schema.draft_of(schema)
    try:
        with metered_schema.metered(metered_schema.MAX_SAVE_STEPS):
            for error in _without_draft(draft.META_SCHEMA, draft).iter_errors(schema):
                raise InvalidSchema(words(error), ".".join(map(str, error.absolute_path)))
        _errors(schema, {}, _STEPS_FOR_NOTHING)
    except Uncheckable as error:
        raise InvalidSchema(str(error)) from None


def check_data(schema: Mapping[str, Any], data: object, field: str = "") -> list[FieldError]:
    """The errors of the data under the schema; ``field`` begins every path.

    Beyond `MAX_ERRORS` one at ``field`` itself says that there are more: to count them would be
    work without bound. A check that exceeds its bounds is an error at ``field`` itself, too.
    """
    try:
        errors = [
            FieldError(_dotted(field, error.absolute_path), words(error))
            for error in _errors(schema, data)
        ]
        if len(errors) > MAX_ERRORS:
            errors[MAX_ERRORS] = FieldError(field, f"breaks more than {MAX_ERRORS} rules")
        return errors
    except Uncheckable as error:
        return [FieldError(field, str(error))]


def _errors(
    schema: Mapping[str, Any], data: object, steps: int = metered_schema.MAX_STEPS
) -> list[jsonschema.ValidationError]:
    validator = _without_draft(schema, metered_schema.draft_of(schema), registry=Registry())
    try:
        with metered_schema.metered(steps):
            return list(islice(validator.iter_errors(data), MAX_ERRORS + 1))
    except Unresolvable as error:
        raise Uncheckable(f"the schema has no {shortened(error.ref)}") from None


def _without_draft(schema: Mapping[str, Any], draft: Any, **options: Any) -> Any:
    # A root with its own $schema would bring the unmetered validator back.
    root = {name: value for name, value in schema.items() if name != "$schema"}
    return metered_schema.validator(draft)(root, **options)


@dataclass(slots=True)
class _Places:
    """The places in a schema that are schemas: references may only lead to these."""

    schemas: set[str] = field(default_factory=set)
    references: list[tuple[str, str]] = field(default_factory=list)
    sizes: int = 0

    def look_at(self, part: object, path: tuple[str, ...], depth: int) -> None:
        """A schema and all schemas below it."""
        for place, name, value in self._keywords(part, path, depth):
            if name in _MAPS and isinstance(value, dict):
                for key, inner in value.items():
                    self.look_at(inner, (*place, key), depth + 2)
            elif name not in _DATA:
                self.look_at(value, place, depth + 1)

    def _keywords(
        self, part: object, path: tuple[str, ...], depth: int
    ) -> Iterator[tuple[tuple[str, ...], str, object]]:
        if depth > MAX_DEPTH and isinstance(part, dict | list):
            raise InvalidSchema(f"must not nest deeper than {MAX_DEPTH} levels", ".".join(path))
        if isinstance(part, list):
            for index, value in enumerate(part):
                yield (*path, str(index)), "", value
        elif isinstance(part, dict):
            self.schemas.add("".join(f"/{_escaped(name)}" for name in path))
            for name, value in part.items():
                self._check_keyword(name, value, path)
                yield (*path, name), name, value
        elif isinstance(part, bool):
            self.schemas.add("".join(f"/{_escaped(name)}" for name in path))

    def check_references(self) -> None:
        """Raises InvalidSchema for the first reference that leads to no schema."""
        for where, reference in self.references:
            fragment = unquote(reference.removeprefix("#"))
            if fragment not in self.schemas:
                raise InvalidSchema(f"the schema has no {shortened(reference)}", where)

    def _check_keyword(self, name: str, value: object, path: tuple[str, ...]) -> None:
        where = ".".join((*path, name))
        if name in _REFUSED or (name == "$schema" and path):
            raise InvalidSchema(f"{name} is not supported", where)
        if name == "$ref":
            if not (isinstance(value, str) and value.startswith("#")):
                raise InvalidSchema("only references within the schema (#…) are followed", where)
            self.references.append((where, value))
        if name in ("$anchor", "$dynamicAnchor") and isinstance(value, str):
            self.schemas.add(value)
        if name == "pattern" and isinstance(value, str):
            try:
                self.sizes += patterns.size_of(patterns.compiled(value))
            except InvalidPattern as error:
                raise InvalidSchema(error.detail, where) from None
            if self.sizes > patterns.MAX_SIZES:
                raise InvalidSchema("the schema's patterns are too large together", where)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _dotted(field: str, path: Any) -> str:
    return ".".join(filter(None, (field, *map(str, path))))
