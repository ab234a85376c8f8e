"""How long a text may be before matching a stranger's regular expression could take too long.

Python's engine backtracks: `(a+)+$` needs time exponential in the text, `a*a*a*$` its third power.
An expression whose worst case cannot be told from its structure is refused; for the others that
worst case, a power of the text's length, gives the longest text it is tried on.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self

from hookline.errors import Refused

# The parser behind `re` has no public name; a tree of its making is what every analysis needs.
kinds = import_module("re._constants")
parser = import_module("re._parser")

MAX_PATTERN_LENGTH = 512

MAX_WAYS = 20_000_000
"""Ways through a pattern that the engine may try: a fraction of a second."""

_USUAL_WIDTH = 4
"""A way of so many items is the measure; one that is longer counts for as many as it is long."""

_LAST_IN_TABLES = 0xFFFF
"""The last character that `re` looks up in a class; it compares those beyond one by one."""

_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
_HARMLESS = (kinds.LITERAL, kinds.NOT_LITERAL, kinds.IN, kinds.ANY, kinds.AT)

_TOO_MANY = "a pattern must not have as many repetitions and alternatives"


class InvalidPattern(Refused):
    """Not a regular expression, or one that could take too long on short texts already."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What searching a text for a pattern may take: ``factor * length ** degree`` ways."""

    degree: int
    factor: float

    @classmethod
    def of(cls, pattern: str) -> Self:
        """Raises InvalidPattern."""
        if len(pattern) > MAX_PATTERN_LENGTH:
            raise InvalidPattern(
                f"a pattern must not be longer than {MAX_PATTERN_LENGTH} characters"
            )
        try:
            tree = parser.parse(pattern)
            flags = re.compile(pattern).flags
        except (re.error, OverflowError, RecursionError):
            raise InvalidPattern("is not a regular expression of Python's") from None
        cost = _Cost(ignores_case=bool(flags & re.IGNORECASE))
        width = cost.add(list(tree), within_repeat=False)
        at_begin = bool(tree) and tree[0] == (kinds.AT, kinds.AT_BEGINNING)
        degree = cost.degree + (0 if at_begin and not flags & re.MULTILINE else 1)
        return cls(degree, 2**cost.doublings * max(width / _USUAL_WIDTH, 1))

    def ways(self, length: int) -> float:
        """Through the pattern, in a text so long."""
        return self.factor * float(length) ** self.degree

    def longest_text(self, ways: int = MAX_WAYS) -> int:
        """Characters of a text in which there are no more ways. Raises InvalidPattern for none."""
        budget = ways / self.factor
        longest = int(budget ** (1 / self.degree)) if self.degree else int(budget)
        if not longest:
            raise InvalidPattern(_TOO_MANY)
        return longest


def longest_text(pattern: str, ways: int = MAX_WAYS) -> int:
    """Characters of a text that the pattern can be searched for in. Raises InvalidPattern.

    ``ways`` through it is what the engine may try then, in the worst case.
    """
    return WorstCase.of(pattern).longest_text(ways)


class _Cost:
    """Worst case of trying at one place: length ** degree * 2 ** doublings ways."""

    def __init__(self, *, ignores_case: bool) -> None:
        self.degree = 0
        self.doublings = 0
        self._ignores_case = ignores_case

    def add(self, items: list[Any], *, within_repeat: bool) -> int:
        """Adds what these items cost; answers with how many there are, repeated ones as often."""
        width = 0
        for kind, argument in items:
            if kind in _REPEATS:
                width += self._add_repeat(*argument, within_repeat=within_repeat)
            elif kind is kinds.SUBPATTERN:
                _, added_flags, _, inner = argument
                # From here on, whether or not the group ends before: seldom, and never too little.
                self._ignores_case |= bool(added_flags & re.IGNORECASE)
                width += self.add(list(inner), within_repeat=within_repeat)
            elif kind is kinds.BRANCH and not within_repeat:
                self.doublings += math.ceil(math.log2(len(argument[1])))
                width += sum(self.add(list(each), within_repeat=False) for each in argument[1])
            elif kind in _HARMLESS:
                width += 1 + (_rare(argument) if kind is kinds.IN else 0)
            else:
                raise InvalidPattern(
                    "a pattern must not use look-arounds, back-references, or alternatives"
                    " within a repetition"
                )
        if self.degree + self.doublings > 12:
            raise InvalidPattern(_TOO_MANY)
        return width

    def _add_repeat(self, least: int, most: int, inner: Any, *, within_repeat: bool) -> int:
        items = list(inner)
        if inner.getwidth()[1] == 0:
            # However often, in no text at all: the engine counts to the end.
            raise InvalidPattern("a repetition must be one of something")
        if most == 1:
            self.doublings += 1
            return self.add(items, within_repeat=within_repeat)
        if least != most:
            self.degree += 1
        before = self.degree, self.doublings
        width = self.add(items, within_repeat=True)
        if (self.degree, self.doublings) != before and not _one_way(items, self._ignores_case):
            raise InvalidPattern(
                "a repetition within a repetition needs a character of its own, as in (-[a-z]+)*,"
                " and after each part that varies, but for the last of them, a character that the"
                " part cannot match"
            )
        return width * max(least, 1)


def _rare(characters: list[Any]) -> int:
    """How many of a class's characters and ranges take a comparison each."""
    ends = [code[1] if kind is kinds.RANGE else code for kind, code in characters]
    return sum(isinstance(end, int) and end > _LAST_IN_TABLES for end in ends)


def _one_way(items: list[Any], ignores_case: bool) -> bool:
    """Whether a text can be told into rounds in one way only, and each round into its parts.

    A literal that begins or ends each round and occurs in none separates the rounds.
    """
    parts = _flat(items)
    if len(parts) < 2:
        return False
    separated = _separates(parts[0], parts[1:], ignores_case) or _separates(
        parts[-1], parts[:-1], ignores_case
    )
    return separated and _parts_in_one_way(parts, ignores_case)


def _parts_in_one_way(parts: list[Any], ignores_case: bool) -> bool:
    """Whether each part that varies ends where the next begins, or a fixed way before the end."""
    for number, part in enumerate(parts, start=1):
        if not _varies(part):
            continue
        after = parts[number:]
        if any(map(_varies, after)) and not _parted(part, after[0], ignores_case):
            return False
        _, most, inner = part[1]
        # Where it may be left out, it must not be nothing when it is there. Rounds of more than
        # one have been looked at as such.
        if most == 1 and not (
            inner.getwidth()[0] and _parts_in_one_way(_flat(list(inner)), ignores_case)
        ):
            return False
    return True


def _parted(part: Any, after: Any, ignores_case: bool) -> bool:
    """Whether what comes after the part begins with a character that the part cannot match."""
    if _separates(after, [part], ignores_case):
        return True
    literals = _flat(list(part[1][-1]))
    return _is_something(after) and all(
        _separates(each, [after], ignores_case) for each in literals
    )


def _is_something(item: Any) -> bool:
    kind, argument = item
    return kind not in _REPEATS or bool(argument[0] and argument[-1].getwidth()[0])


def _varies(item: Any) -> bool:
    kind, argument = item
    if kind not in _REPEATS:
        return False
    least, most, inner = argument
    shortest, longest = inner.getwidth()
    return bool(least != most or shortest != longest)


def _flat(items: list[Any]) -> list[Any]:
    """The items, in the place of each group what is in it."""
    parts: list[Any] = []
    for kind, argument in items:
        parts += _flat(list(argument[-1])) if kind is kinds.SUBPATTERN else [(kind, argument)]
    return parts


def _separates(literal: Any, others: list[Any], ignores_case: bool) -> bool:
    kind, code = literal
    if kind is not kinds.LITERAL or any(_may_match(item, code) for item in others):
        return False
    return not ignores_case or chr(code).lower() == chr(code).upper()


def _may_match(item: Any, code: int) -> bool:
    kind, argument = item
    if kind is kinds.LITERAL:
        return bool(argument == code)
    if kind is kinds.IN:
        return any(_class_may_match(part, code) for part in argument)
    if kind in _REPEATS:
        return any(_may_match(inner, code) for inner in _flat(list(argument[2])))
    return True


def _class_may_match(part: Any, code: int) -> bool:
    kind, argument = part
    if kind is kinds.LITERAL:
        return bool(argument == code)
    if kind is kinds.RANGE:
        return bool(argument[0] <= code <= argument[1])
    return True  # a negated class, or one like \\w: not looked into
