"""The jsonschema package with a meter: every step is paid for before it is taken.

The package has no bounds of its own: it compares every pair for `uniqueItems`, quotes whole values
in its messages, and follows references as often as a schema says. Only this file depends on its
internals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema import validators

from hookline.domain.sandbox import patterns
from hookline.domain.sandbox.patterns import InvalidPattern

MAX_STEPS = 80_000
"""Keywords and schemas applied in one check, and parts of values looked at or quoted. Each
takes 7 us at worst."""

MAX_SAVE_STEPS = 300_000
"""The same for checking a schema against its draft's own schema, which is known: 2.5 us each.
Only one of the largest size that says thousands of times nothing takes more."""

MAX_SEARCH_STEPS = 40_000_000
"""Instructions of patterns, counted for every character they are tried on: RE2's worst case,
some 12 ns each."""

_PARTS_PER_STEP = 16
_CHARACTERS_PER_STEP = 64

type _Keyword = Callable[..., Iterator[jsonschema.ValidationError]]

_extend: Callable[..., Any] = validators.extend  # it has no types


class Uncheckable(Exception):  # noqa: N818 - becomes a value or an InvalidSchema
    """The data cannot be checked against the schema; the message says why."""


class _Meter:
    """Counts down what one check may take."""

    def __init__(self, steps: int) -> None:
        self._steps = self._left = steps
        self._search_left = MAX_SEARCH_STEPS
        self._patterns_left = patterns.MAX_SIZES
        self._patterns: dict[str, Any] = {}
        self._sizes: dict[int, int] = {}
        self._allowed: dict[int, frozenset[str]] = {}

    def pay(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Uncheckable(f"it takes more than {self._steps} steps to check")

    def pay_for_use(self, value: object) -> None:
        """For going through a value's own parts and quoting all of it in a message."""
        parts = len(value) if isinstance(value, list | dict) else 0
        self.pay(parts // _PARTS_PER_STEP + self.size(value) // _CHARACTERS_PER_STEP)

    def size(self, value: object) -> int:
        """About how many characters the value has when printed."""
        if isinstance(value, str):
            return len(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value.bit_length() // 3
        if not isinstance(value, dict | list):
            return 8
        known = self._sizes.get(id(value))
        if known is None:
            self.pay(1 + len(value) // _PARTS_PER_STEP)
            # It lives as long as the check, so its id identifies it.
            known = self._sizes[id(value)] = 2 + (
                sum(len(name) + self.size(part) for name, part in value.items())
                if isinstance(value, dict)
                else sum(map(self.size, value))
            )
        return known

    def matches(self, pattern: str, text: str) -> bool:
        found = self._patterns.get(pattern)
        if found is None:
            try:
                found = self._patterns[pattern] = patterns.compiled(pattern)
            except InvalidPattern as error:  # saved under rules that have changed since
                raise Uncheckable(f"the pattern {pattern[:60]}: {error.detail}") from None
            self._patterns_left -= patterns.size_of(found)
            if self._patterns_left < 0:
                raise Uncheckable("its patterns are too large together")
        self._search_left -= patterns.size_of(found) * (1 + len(text))
        if self._search_left < 0:
            raise Uncheckable("it takes too long to match all its texts against patterns")
        return found.search(text) is not None

    def among(self, values: list[object], value: object) -> bool:
        allowed = self._allowed.get(id(values))
        if allowed is None:
            self.pay(self.size(values) // _PARTS_PER_STEP)
            allowed = self._allowed[id(values)] = frozenset(map(_canonical_text, values))
        self.pay(self.size(value) // _PARTS_PER_STEP)
        return _canonical_text(value) in allowed

    def close(self) -> None:
        if self._patterns:
            patterns.forget()


_METER: ContextVar[_Meter] = ContextVar("schema_meter")


@contextmanager
def metered(steps: int = MAX_STEPS) -> Iterator[None]:
    """Everything that `validator` checks within this context shares the steps of one check."""
    meter = _Meter(steps)
    token = _METER.set(meter)
    try:
        yield
    except RecursionError:
        raise Uncheckable("the schema refers to itself without end") from None
    except ArithmeticError:
        raise Uncheckable("a number is too large to be checked") from None
    finally:
        _METER.reset(token)
        meter.close()


@lru_cache
def validator(draft: Any) -> Any:
    """The draft's validator class, metered: use it only within `metered`."""
    keywords = {
        name: _paying(name, _OWN.get(name, keyword)) for name, keyword in draft.VALIDATORS.items()
    }
    extended = _extend(draft, keywords)
    evolve = extended.evolve

    def paying(self: Any, **changes: Any) -> Any:
        # Every application of a schema to a value passes here.
        _METER.get().pay(1)
        schema = changes.get("schema")
        if isinstance(schema, dict) and "$schema" in schema:
            # It would bring the unmetered class back. Only the drafts' own schemas have one.
            changes["schema"] = {name: schema[name] for name in schema if name != "$schema"}
        return evolve(self, **changes)

    extended.evolve = paying
    return extended


def draft_of(schema: Mapping[str, Any]) -> Any:
    """The class of the draft that the schema names, else of the newest one."""
    return validators.validator_for(schema, default=jsonschema.Draft202012Validator)


def _paying(name: str, keyword: Callable[..., Any]) -> _Keyword:
    def metered_keyword(
        validator: Any, value: Any, instance: Any, schema: Any
    ) -> Iterator[jsonschema.ValidationError]:
        meter = _METER.get()
        meter.pay(1)
        meter.pay_for_use(instance)
        meter.pay_for_use(value)
        if name == "contains" and isinstance(instance, list):
            meter.pay(len(instance) // 2)  # it looks at each without applying a schema anew
        yield from keyword(validator, value, instance, schema) or ()

    return metered_keyword


def _pattern(
    validator: Any, pattern: str, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if isinstance(instance, str) and not _METER.get().matches(pattern, instance):
        yield jsonschema.ValidationError("")


def _enum(
    validator: Any, values: list[object], instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if not _METER.get().among(values, instance):
        yield jsonschema.ValidationError("")


def _const(
    validator: Any, value: object, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    meter = _METER.get()
    meter.pay((meter.size(value) + meter.size(instance)) // _PARTS_PER_STEP)
    if _canonical_text(value) != _canonical_text(instance):
        yield jsonschema.ValidationError("")


def _unique_items(
    validator: Any, unique: bool, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if not unique or not isinstance(instance, list):
        return
    meter = _METER.get()
    meter.pay(meter.size(instance) // _PARTS_PER_STEP)
    if len(set(map(_canonical_text, instance))) < len(instance):
        yield jsonschema.ValidationError("")


def _required(
    validator: Any, names: Any, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if isinstance(instance, dict) and isinstance(names, list):
        for name in names:
            if name not in instance:
                yield jsonschema.ValidationError(name)


def _dependent_required(
    validator: Any, dependencies: Mapping[str, list[str]], instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    del validator, schema
    if not isinstance(instance, dict):
        return
    meter = _METER.get()
    for name, needed in dependencies.items():
        if name in instance:
            meter.pay(1 + len(needed) // _PARTS_PER_STEP)
            for each in needed:
                if each not in instance:
                    yield jsonschema.ValidationError(each)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    for name in instance:
        if name in known:
            continue
        if allowed is False:
            yield jsonschema.ValidationError(name)
        else:
            yield from validator.descend(instance[name], allowed, path=name)


_OWN: dict[str, Callable[..., Any]] = {
    "pattern": _pattern,
    "enum": _enum,
    "const": _const,
    "uniqueItems": _unique_items,
    "required": _required,
    "dependentRequired": _dependent_required,
    "additionalProperties": _additional_properties,
}
"""Keywords that the package checks in more than linear time, or describes only in its messages."""


def _canonical_text(value: object) -> str:
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: object) -> object:
    # 1 and 1.0 are one number.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    return value
