"""What one value of a document may be: its rule, its limits and the words that refuse it.

A `Kind` is declared once; the rules read by it and the OpenAPI document describes it, so that they
cannot differ. Reading never raises: it notes what is wrong and returns a value that the other rules
can go on with, so that one pass finds every broken rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hookline.domain.times import floor_to_millis, from_iso
from hookline.errors import FieldError, Rejected

Problem = Callable[[str], str | None]
"""Says what is wrong with a text, None for a good one: a rule that JSON Schema cannot express."""

CONTROL_CHARACTERS = r"\u0000-\u001f\u007f-\u009f"
"""C0, DEL and C1, for a regular expression's character class: invisible, and trouble in a header
or key."""

_CONTROL = re.compile(f"[{CONTROL_CHARACTERS}]")


@dataclass(slots=True)
class Findings:
    """The rules that a document breaks, collected so that its sender learns of all at once."""

    errors: list[FieldError] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        """Notes that ``path`` breaks a rule."""
        self.errors.append(FieldError(path, message))

    def touch(self, path: str) -> bool:
        """Whether anything at or below ``path`` is broken."""
        return any(e.field == path or e.field.startswith(f"{path}.") for e in self.errors)

    def settle(self) -> None:
        """Raises Rejected when there are any."""
        if self.errors:
            raise Rejected(self.errors)


def below(path: str, name: str | int) -> str:
    """The dotted path of ``name`` within ``path`` ("" for the document itself)."""
    return f"{path}.{name}" if path else str(name)


class Kind[Value]:
    """One kind of value. ``blank`` stands in for a refused one, ``example`` is a good one."""

    blank: Value
    example: object = None

    def read(self, given: object, findings: Findings, path: str) -> Value:
        """``given`` as a plain Python value; notes what is wrong with it under ``path``."""
        raise NotImplementedError

    def _refused(self, findings: Findings, path: str, message: str) -> Value:
        findings.add(path, message)
        return self.blank


class Text(Kind[str]):
    """A string of ``shortest`` to ``longest`` characters.

    ``one_line`` allows no control characters: for what becomes a header or a key. ``like`` is the
    regular expression that all of it must match, and the words of a refusal. ``also`` is a further
    rule that only code can check.
    """

    blank = ""

    def __init__(
        self,
        shortest: int,
        longest: int,
        *,
        one_line: bool = False,
        like: tuple[str, str] | None = None,
        also: Problem | None = None,
        example: str | None = None,
    ) -> None:
        self.shortest, self.longest = shortest, longest
        self.one_line, self.like, self.also = one_line, like, also
        self.example = example
        self._pattern = re.compile(like[0]) if like else None

    def read(self, given: object, findings: Findings, path: str) -> str:
        """The string."""
        problem = self.problem(given)
        if problem is None and isinstance(given, str):
            return given
        return self._refused(findings, path, problem or "")

    def problem(self, given: object) -> str | None:
        """What is wrong with a value; None for a good one."""
        if not isinstance(given, str):
            return "must be a string"
        if not self.shortest <= len(given) <= self.longest:
            if self.shortest == 0:
                return f"must not have more than {self.longest} characters"
            return f"must have {self.shortest} to {self.longest} characters"
        if self.one_line and _CONTROL.search(given):
            return "must not hold control characters"
        if self._pattern is not None and self.like and not self._pattern.fullmatch(given):
            return self.like[1]
        return self.also(given) if self.also else None


class Flag(Kind[bool]):
    """True or false."""

    blank = False
    example = True

    def read(self, given: object, findings: Findings, path: str) -> bool:
        """The truth value."""
        if isinstance(given, bool):
            return given
        return self._refused(findings, path, "must be true or false")


class Number(Kind[float]):
    """A number between both bounds, inclusive."""

    def __init__(self, lowest: float, highest: float, *, example: float | None = None) -> None:
        self.lowest, self.highest = lowest, highest
        self.blank = lowest
        self.example = lowest if example is None else example

    def read(self, given: object, findings: Findings, path: str) -> float:
        """The number."""
        if isinstance(given, bool) or not isinstance(given, int | float):
            return self._refused(findings, path, "must be a number")
        if not self.lowest <= given <= self.highest:
            message = f"must be from {self.lowest:g} to {self.highest:.12g}"
            return self._refused(findings, path, message)
        return given


class Whole(Kind[int]):
    """A whole number between both bounds, inclusive."""

    def __init__(self, lowest: int, highest: int, *, example: int | None = None) -> None:
        self.lowest, self.highest = lowest, highest
        self.blank = lowest
        self.example = lowest if example is None else example

    def read(self, given: object, findings: Findings, path: str) -> int:
        """The number."""
        if isinstance(given, bool) or not isinstance(given, int):
            return self._refused(findings, path, "must be a whole number")
        if not self.lowest <= given <= self.highest:
            return self._refused(findings, path, f"must be from {self.lowest} to {self.highest}")
        return given


class Choice[Word: str](Kind[Word]):
    """One of some words."""

    def __init__(self, *words: Word) -> None:
        self.words = words
        self.blank = words[0]
        self.example = str(words[0])

    def read(self, given: object, findings: Findings, path: str) -> Word:
        """The word as declared: for an enum, its member."""
        for word in self.words:
            if given == word:
                return word
        return self._refused(findings, path, none_of(self.words))


class Instant(Kind[datetime]):
    """An ISO 8601 time with its zone, to the millisecond."""

    blank = datetime(1970, 1, 1, tzinfo=UTC)
    example = "2026-11-22T12:00:00.000Z"

    def read(self, given: object, findings: Findings, path: str) -> datetime:
        """The instant, in UTC."""
        if isinstance(given, str):
            try:
                if _has_zone(given):
                    return floor_to_millis(from_iso(given))
            except ValueError:
                pass
            else:
                return self._refused(findings, path, "must name its zone: end with Z or +hh:mm")
        message = "must be an ISO 8601 time such as 2026-11-22T12:00:00.000Z"
        return self._refused(findings, path, message)


class ListOf[Value](Kind[tuple[Value, ...]]):
    """A list with a bounded number of values, no two texts alike; refused values are left out."""

    blank = ()

    def __init__(self, item: Kind[Value], least: int, most: int) -> None:
        self.item, self.least, self.most = item, least, most

    def read(self, given: object, findings: Findings, path: str) -> tuple[Value, ...]:
        """The values in their order."""
        if not isinstance(given, list):
            return self._refused(findings, path, "must be a list")
        if len(given) > self.most:
            message = f"must not have more than {self.most} items, but has {len(given)}"
            return self._refused(findings, path, message)
        if len(given) < self.least:
            words = {1: "must have at least one item"}
            message = words.get(self.least, f"must have at least {self.least} items")
            return self._refused(findings, path, message)
        found: list[Value] = []
        seen: set[object] = set()
        for index, item in enumerate(given):
            broken = len(findings.errors)
            value = self.item.read(item, findings, below(path, index))
            if len(findings.errors) > broken:
                continue
            plain = isinstance(value, str | float)
            if plain and value in seen:
                findings.add(below(path, index), "is there twice")
            else:
                found.append(value)
            if plain:
                seen.add(value)
        return tuple(found)


class MapOf[Value](Kind[Mapping[str, Value]]):
    """An object with names that its user chooses. A null in it means no value."""

    blank: Mapping[str, Value] = {}

    def __init__(self, value: Kind[Value], *, example: Mapping[str, object] | None = None) -> None:
        self.value = value
        self.example = {} if example is None else dict(example)

    def read(self, given: object, findings: Findings, path: str) -> Mapping[str, Value]:
        """The values by name; refused ones are left out."""
        if not isinstance(given, dict):
            return self._refused(findings, path, "must be an object")
        found: dict[str, Value] = {}
        for name, item in given.items():
            broken = len(findings.errors)
            value = None if item is None else self.value.read(item, findings, below(path, name))
            if value is not None and len(findings.errors) == broken:
                found[name] = value
        return found


class Anything(Kind[Any]):
    """Any JSON value."""

    blank = None

    def __init__(self, example: object = None) -> None:
        self.example = {"total": "12.50"} if example is None else example

    def read(self, given: object, findings: Findings, path: str) -> Any:  # noqa: ARG002 - all kinds take it
        """The value as it is."""
        return given


def none_of(choices: Iterable[str]) -> str:
    """The message for a value that is none of the given words."""
    return f"must be one of {', '.join(choices)}"


def _has_zone(text: str) -> bool:
    """Raises ValueError for what is no ISO 8601 time."""
    return datetime.fromisoformat(text).tzinfo is not None
