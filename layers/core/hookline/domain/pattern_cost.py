"""How long a text may be before matching a stranger's regular expression could take too long.

Python's engine backtracks: `(a+)+$` needs time exponential in the text, `a*a*a*$` its third power.
An expression whose worst case cannot be told from its structure is refused; for the others that
worst case, a power of the text's length, gives the longest text it is tried on.
"""

from __future__ import annotations

import math
import re
from importlib import import_module
from typing import Any

from hookline.errors import Refused

# The parser behind `re` has no public name; a tree of its making is what every analysis needs.
kinds = import_module("re._constants")
parser = import_module("re._parser")

MAX_PATTERN_LENGTH = 512

_MAX_COST = 20_000_000
"""Steps of the engine: a fraction of a second."""

_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
_HARMLESS = (kinds.LITERAL, kinds.NOT_LITERAL, kinds.IN, kinds.ANY, kinds.AT)


class InvalidPattern(Refused):
    """Not a regular expression, or one that could take too long on short texts already."""


def longest_text(pattern: str) -> int:
    """Characters of a text that the pattern can be searched for in. Raises InvalidPattern."""
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise InvalidPattern(f"a pattern must not be longer than {MAX_PATTERN_LENGTH} characters")
    try:
        tree = parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise InvalidPattern("is not a regular expression of Python's") from None
    cost = _Cost()
    cost.add(list(tree), within_repeat=False)
    anchored = bool(tree) and tree[0] == (kinds.AT, kinds.AT_BEGINNING)
    degree = cost.degree + (0 if anchored else 1)
    budget = _MAX_COST / 2**cost.doublings
    return int(budget ** (1 / degree)) if degree else int(budget)


class _Cost:
    """Worst case of trying at one place: length ** degree * 2 ** doublings."""

    def __init__(self) -> None:
        self.degree = 0
        self.doublings = 0

    def add(self, items: list[Any], *, within_repeat: bool) -> None:
        for kind, argument in items:
            if kind in _REPEATS:
                self._add_repeat(*argument, within_repeat=within_repeat)
            elif kind is kinds.SUBPATTERN:
                self.add(list(argument[-1]), within_repeat=within_repeat)
            elif kind is kinds.BRANCH and not within_repeat:
                self.doublings += math.ceil(math.log2(len(argument[1])))
                for branch in argument[1]:
                    self.add(list(branch), within_repeat=False)
            elif kind not in _HARMLESS:
                raise InvalidPattern(
                    "a pattern must not use look-arounds, back-references, or alternatives"
                    " within a repetition"
                )
        if self.degree + self.doublings > 12:
            raise InvalidPattern("a pattern must not have as many repetitions and alternatives")

    def _add_repeat(self, least: int, most: int, inner: Any, *, within_repeat: bool) -> None:
        items = list(inner)
        if most == 1:
            self.doublings += 1
            self.add(items, within_repeat=within_repeat)
            return
        if least != most:
            self.degree += 1
        before = self.degree, self.doublings
        self.add(items, within_repeat=True)
        if (self.degree, self.doublings) != before and not _delimited(items):
            raise InvalidPattern(
                "a repetition within a repetition needs a character of its own, as in (-[a-z]+)*"
            )


def _delimited(items: list[Any]) -> bool:
    # A literal that begins or ends each round and occurs in none leaves one way to tell rounds.
    while len(items) == 1 and items[0][0] is kinds.SUBPATTERN:
        items = list(items[0][1][-1])
    if len(items) < 2:
        return False
    return _separates(items[0], items[1:]) or _separates(items[-1], items[:-1])


def _separates(delimiter: Any, others: list[Any]) -> bool:
    kind, code = delimiter
    return kind is kinds.LITERAL and not any(_may_match(item, code) for item in others)


def _may_match(item: Any, code: int) -> bool:
    kind, argument = item
    if kind is kinds.LITERAL:
        return bool(argument == code)
    if kind is kinds.IN:
        return any(_class_may_match(part, code) for part in argument)
    if kind in _REPEATS:
        return any(_may_match(inner, code) for inner in argument[2])
    return True


def _class_may_match(part: Any, code: int) -> bool:
    kind, argument = part
    if kind is kinds.LITERAL:
        return bool(argument == code)
    if kind is kinds.RANGE:
        return bool(argument[0] <= code <= argument[1])
    return True  # a negated class, or one like \\w: not looked into
