"""JSON Schemas of strangers: checked when they are saved, and checked against within bounds.

Every draft that the jsonschema package knows works, but for what has no bounds: remote references,
`patternProperties`, the `unevaluated…` and the dynamic keywords. https://json-schema.org.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema
from jsonschema import validators
from referencing import Registry
from referencing.exceptions import Unresolvable

from hookline.domain.documents.strict_json import dumps
from hookline.domain.sandbox.pattern_cost import (
    MAX_WAYS,
    InvalidPattern,
    WorstCase,
    longest_text,
)
from hookline.errors import FieldError, Refused

MAX_BYTES = 32 * 1024
MAX_DEPTH = 32
MAX_STEPS = 100_000
"""Keywords applied to values in one check, and kilobytes of values that messages may quote."""

MAX_SEARCHES = 25
"""Searches for patterns in one check, each of the longest text that its pattern allows; one in a
shorter text counts for as much less as its worst case is better."""

MAX_ERRORS = 20
MAX_MESSAGE_LENGTH = 200

_REFUSED = frozenset(
    {"patternProperties", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef",
     "$recursiveRef", "$id", "id"}
)  # fmt: skip
_MAPS = frozenset({"properties", "$defs", "definitions", "dependentSchemas", "dependencies"})
_DATA = frozenset({"const", "enum", "default", "examples", "example"})

type _Keyword = Callable[..., Iterator[jsonschema.ValidationError]]

_extend: Callable[..., Any] = validators.extend  # it has no types


class InvalidSchema(Refused):
    """Not a schema that data can be checked against; ``path`` is dotted, "" for the whole."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.message = message
        self.path = path


class _Uncheckable(Exception):  # noqa: N818 - becomes a value or an InvalidSchema in this file
    """The data cannot be checked against the schema; the message says why."""


def check_schema(schema: object) -> None:
    """Raises InvalidSchema for what is no schema, too large, too deep, or not supported."""
    if not isinstance(schema, dict):
        raise InvalidSchema("must be an object")
    _check_parts(schema, (), 1)
    if len(dumps(schema).encode()) > MAX_BYTES:
        raise InvalidSchema(f"must not be larger than {MAX_BYTES} bytes")
    try:
        _draft_of(schema).check_schema(schema)
    except jsonschema.SchemaError as error:
        path = ".".join(map(str, error.absolute_path))
        raise InvalidSchema(_shortened(error.message), path) from None
    try:
        _errors(schema, {})
    except _Uncheckable as error:
        raise InvalidSchema(str(error)) from None


def check_data(schema: Mapping[str, Any], data: object, field: str = "") -> list[FieldError]:
    """What the schema has against the data, at most `MAX_ERRORS`; ``field`` begins every path.

    A check that cannot be made within bounds is an error at ``field`` itself.
    """
    try:
        return [
            FieldError(_dotted(field, error.absolute_path), _shortened(error.message))
            for error in _errors(schema, data)
        ]
    except _Uncheckable as error:
        return [FieldError(field, str(error))]


def _errors(schema: Mapping[str, Any], data: object) -> list[jsonschema.ValidationError]:
    # A root with a $schema of its own would fetch the unmetered validator back in.
    root = {name: value for name, value in schema.items() if name != "$schema"}
    validator = _metered(_draft_of(schema))(root, registry=Registry())
    token = _METER.set(_Meter(data))
    try:
        return list(islice(validator.iter_errors(data), MAX_ERRORS))
    except RecursionError:
        raise _Uncheckable("the schema refers to itself without end") from None
    except Unresolvable as error:
        raise _Uncheckable(f"the schema has no {_shortened(error.ref)}") from None
    except ArithmeticError:
        raise _Uncheckable("a number is too large to be checked") from None
    finally:
        _METER.reset(token)


def _check_parts(part: object, path: tuple[str, ...], depth: int, *, names: bool = False) -> None:
    """``names``: the part's keys are names of somebody's choice, and schemas are below them."""
    if depth > MAX_DEPTH:
        raise InvalidSchema(f"must not nest deeper than {MAX_DEPTH} levels", ".".join(path))
    if isinstance(part, list):
        for index, value in enumerate(part):
            _check_parts(value, (*path, str(index)), depth + 1)
    elif isinstance(part, dict):
        for name, value in part.items():
            if not names:
                _check_keyword(name, value, path)
            if names or name not in _DATA:
                below = not names and name in _MAPS
                _check_parts(value, (*path, name), depth + 1, names=below)


def _check_keyword(name: str, value: object, path: tuple[str, ...]) -> None:
    where = ".".join((*path, name))
    if name in _REFUSED or (name == "$schema" and path):
        raise InvalidSchema(f"{name} is not supported", where)
    if name == "$ref" and not (isinstance(value, str) and value.startswith("#")):
        raise InvalidSchema("only references within the schema (#…) are followed", where)
    if name == "pattern" and isinstance(value, str):
        try:
            longest_text(value)
        except InvalidPattern as error:
            raise InvalidSchema(error.detail, where) from None


def _draft_of(schema: Mapping[str, Any]) -> Any:
    return validators.validator_for(schema, default=jsonschema.Draft202012Validator)


@lru_cache
def _metered(draft: Any) -> Any:
    keywords = {name: _paying(keyword) for name, keyword in draft.VALIDATORS.items()}
    own: dict[str, Callable[..., Any]] = {"pattern": _pattern, "uniqueItems": _unique_items}
    return _extend(draft, keywords | {name: _paying(own[name]) for name in own})


class _Meter:
    """Counts down the steps of one check. Messages quote values: large ones cost more."""

    def __init__(self, data: object) -> None:
        self._left = MAX_STEPS
        self._ways_left: float = MAX_SEARCHES * MAX_WAYS
        self._sizes: dict[int, int] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], WorstCase]] = {}
        self._measure(data)

    def pay(self, instance: object) -> None:
        self._left -= 1 + self._sizes.get(id(instance), 0) // 1_000
        if self._left < 0:
            raise _Uncheckable(f"it takes more than {MAX_STEPS} steps to check")

    def pattern(self, pattern: str) -> tuple[re.Pattern[str], WorstCase]:
        """Looked into once a check: that takes longer than most searches. Raises InvalidPattern."""
        if pattern not in self._patterns:
            worst = WorstCase.of(pattern)
            self._patterns[pattern] = re.compile(pattern), worst
        return self._patterns[pattern]

    def pay_for_search(self, ways: float) -> None:
        self._ways_left -= ways
        if self._ways_left < 0:
            raise _Uncheckable("it takes too long to match all its texts against patterns")

    def _measure(self, value: object) -> int:
        if isinstance(value, str):
            size = len(value)
        elif isinstance(value, dict):
            size = 2 + sum(len(name) + self._measure(part) for name, part in value.items())
        elif isinstance(value, list):
            size = 2 + sum(map(self._measure, value))
        else:
            return 8
        if size >= 1_000:  # the few that matter; they live as long as the data
            self._sizes[id(value)] = size
        return size


_METER: ContextVar[_Meter] = ContextVar("json_schema_meter")


def _paying(keyword: Callable[..., Any]) -> _Keyword:
    def metered(
        validator: Any, value: Any, instance: Any, schema: Any
    ) -> Iterator[jsonschema.ValidationError]:
        _METER.get().pay(instance)
        yield from keyword(validator, value, instance, schema) or ()

    return metered


def _pattern(
    validator: Any, pattern: str, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if not isinstance(instance, str):
        return
    meter = _METER.get()
    try:
        compiled, worst = meter.pattern(pattern)
        longest = worst.longest_text()
    except InvalidPattern as error:  # saved under rules that have changed since
        raise _Uncheckable(f"the pattern {_shortened(pattern)}: {error.detail}") from None
    if len(instance) > longest:
        yield jsonschema.ValidationError(
            f"must not be longer than {longest} characters to be matched against a pattern"
        )
        return
    meter.pay_for_search(worst.ways(len(instance)))
    if not compiled.search(instance):
        yield jsonschema.ValidationError(f"does not match {pattern}")


def _unique_items(
    validator: Any, unique: bool, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if not unique or not isinstance(instance, list):
        return
    # The package compares every pair.
    different = {json.dumps(_canonical(item), sort_keys=True) for item in instance}
    if len(different) < len(instance):
        yield jsonschema.ValidationError("holds an item twice")


def _canonical(value: object) -> object:
    # 1 and 1.0 are one number.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    return value


def _dotted(field: str, path: Any) -> str:
    return ".".join(filter(None, (field, *map(str, path))))


def _shortened(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_LENGTH else message[:MAX_MESSAGE_LENGTH] + "…"
