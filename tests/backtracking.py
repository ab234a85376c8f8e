"""A backtracking matcher of regular expressions that counts its steps.

Python's own engine is C: what a match costs it shows in time alone. This one is the textbook's
(Russ Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009). The expression, as
`re` parses it, becomes a program; of every choice in it the other way is kept for later. It tries
the ways that `re` tries, in the same order, and a step is one instruction. `re` is spared some of
them, as where it looks for a literal beginning first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

_kinds = import_module("re._constants")
_parser = import_module("re._parser")
_compiler = import_module("re._compiler")

_REPEATS = {_kinds.MAX_REPEAT, _kinds.MIN_REPEAT, _kinds.POSSESSIVE_REPEAT}

type _Looks = Callable[[str, int], bool]
"""What is said of a place in a text."""


class TooManySteps(AssertionError):  # noqa: N818 - named for what happened
    """More steps than there may be: the search was given up."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Where the match is, None where there is none, and the steps until that was known."""

    span: tuple[int, int] | None
    steps: int


class Backtracking:
    """One expression, ready to be searched for."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._program = _Program(pattern, flags)

    def search(self, text: str, most: int, start: int = 0) -> Searched:
        """Searches from ``start`` on. Raises TooManySteps at one more than ``most``."""
        run = _Run(text, most)
        for begin in range(start, len(text) + 1):
            if self._program.matches(run, begin):
                return Searched((begin, run.position), run.steps)
        return Searched(None, run.steps)

    def find_all(self, text: str, most: int) -> int:
        """The steps of finding every match, one after the other, as `re.finditer` does."""
        steps, start = 0, 0
        while start <= len(text):
            found = self.search(text, most - steps, start)
            steps += found.steps
            if found.span is None:
                break
            start = found.span[1] + (found.span[0] == found.span[1])
        return steps


@dataclass(slots=True)
class _Run:
    """A search on its way. ``marks`` are what repetitions noted; ``ways`` are for later."""

    text: str
    most: int
    steps: int = 0
    at: int = 0
    position: int = 0
    marks: tuple[int, ...] = ()
    ways: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise TooManySteps(f"it takes more than {self.most} steps")

    def mark(self, slot: int, noted: int) -> None:
        self.marks = (*self.marks[:slot], noted, *self.marks[slot + 1 :])


type _Instruction = Callable[[_Run], bool]
"""Says whether this way goes on; the next instruction is ``run.at``."""


def _take(run: _Run, matches: _Looks) -> bool:
    if run.position == len(run.text) or not matches(run.text, run.position):
        return False
    run.position += 1
    return True


def _be_at(run: _Run, place: _Looks) -> bool:
    return place(run.text, run.position)


@dataclass(slots=True)
class _Split:
    """Goes on at one instruction, and at the other if nothing comes of that."""

    first: int = 0
    second: int = 0

    def __call__(self, run: _Run) -> bool:
        run.ways.append((self.second, run.position, run.marks))
        run.at = self.first
        return True


@dataclass(slots=True)
class _Jump:
    """Goes on elsewhere."""

    to: int = 0

    def __call__(self, run: _Run) -> bool:
        run.at = self.to
        return True


def _begin_round(run: _Run, slot: int) -> bool:
    run.mark(slot, run.position)
    return True


@dataclass(slots=True)
class _EndRound:
    """Goes on to the next round, or to the end after one that took nothing, as `re` does."""

    slot: int
    again: int
    end: int = 0

    def __call__(self, run: _Run) -> bool:
        run.at = self.end if run.marks[self.slot] == run.position else self.again
        return True


def _begin_atom(run: _Run, slot: int) -> bool:
    run.mark(slot, len(run.ways))
    return True


def _end_atom(run: _Run, slot: int) -> bool:
    """Forgets the ways since the beginning of what is possessive or atomic."""
    del run.ways[run.marks[slot] :]
    return True


class _Program:
    """The instructions of an expression."""

    def __init__(self, pattern: str, flags: int) -> None:
        tree = _parser.parse(pattern, flags)
        self._code: list[_Instruction] = []
        self._slots = 0
        self._add_all(tree, tree.state.flags)

    def matches(self, run: _Run, begin: int) -> bool:
        """Whether it matches there; up to ``run.position``."""
        run.ways.append((0, begin, (0,) * self._slots))
        while run.ways:
            run.at, run.position, run.marks = run.ways.pop()
            goes_on = True
            while goes_on:
                run.step()
                if run.at == len(self._code):
                    run.ways.clear()
                    return True
                instruction = self._code[run.at]
                run.at += 1
                goes_on = instruction(run)
        return False

    def _add_all(self, items: Iterable[Any], flags: int) -> None:
        for kind, argument in items:
            self._add(kind, argument, flags)

    def _add(self, kind: Any, argument: Any, flags: int) -> None:
        if kind in _REPEATS:
            least, most, inner = argument
            self._add_repeat(kind, least, most, partial(self._add_all, inner, flags))
        elif kind is _kinds.SUBPATTERN:
            _, added, removed, inner = argument
            self._add_all(inner, (flags | added) & ~removed)
        elif kind is _kinds.ATOMIC_GROUP:
            self._add_atom(partial(self._add_all, argument, flags))
        elif kind is _kinds.BRANCH:
            self._add_branches([partial(self._add_all, each, flags) for each in argument[1]])
        elif kind is _kinds.AT:
            self._code.append(partial(_be_at, place=_looking(kind, argument, flags)))
        else:
            one = _remembered(_looking(kind, argument, flags))
            self._code.append(partial(_take, matches=one))

    def _add_branches(self, branches: list[Callable[[], None]]) -> None:
        ends: list[_Jump] = []
        for add in branches[:-1]:
            split = _Split(first=len(self._code) + 1)
            ends.append(_Jump())
            self._code.append(split)
            add()
            self._code.append(ends[-1])
            split.second = len(self._code)
        branches[-1]()
        for end in ends:
            end.to = len(self._code)

    def _add_repeat(self, kind: Any, least: int, most: Any, add: Callable[[], None]) -> None:
        if kind is _kinds.POSSESSIVE_REPEAT:
            self._add_atom(partial(self._add_repeat, _kinds.MAX_REPEAT, least, most, add))
            return
        for _ in range(least):
            add()
        greedy = kind is _kinds.MAX_REPEAT
        if most is _kinds.MAXREPEAT:
            self._add_rounds(greedy, add)
            return
        splits = [_Split() for _ in range(most - least)]
        for split in splits:
            self._code.append(split)
            split.first = split.second = len(self._code)
            add()
        for split in splits:
            _or_end(split, greedy, len(self._code))

    def _add_rounds(self, greedy: bool, add: Callable[[], None]) -> None:
        slot = self._new_slot()
        again = len(self._code)
        split, end_round = _Split(again + 1, again + 1), _EndRound(slot, again)
        self._code += [split, partial(_begin_round, slot=slot)]
        add()
        self._code.append(end_round)
        end_round.end = len(self._code)
        _or_end(split, greedy, len(self._code))

    def _add_atom(self, add: Callable[[], None]) -> None:
        slot = self._new_slot()
        self._code.append(partial(_begin_atom, slot=slot))
        add()
        self._code.append(partial(_end_atom, slot=slot))

    def _new_slot(self) -> int:
        self._slots += 1
        return self._slots - 1


def _or_end(split: _Split, greedy: bool, end: int) -> None:
    if greedy:
        split.second = end
    else:
        split.first = end


def _looking(kind: Any, argument: Any, flags: int) -> _Looks:
    """What `re` itself says of one character or one place."""
    state = _parser.State()
    state.flags = flags
    looks: re.Pattern[str] = _compiler.compile(_parser.SubPattern(state, [(kind, argument)]))
    return lambda text, position: looks.match(text, position) is not None


def _remembered(matches: _Looks) -> _Looks:
    known: dict[str, bool] = {}

    def one(text: str, position: int) -> bool:
        character = text[position]
        if character not in known:
            known[character] = matches(character, 0)
        return known[character]

    return one
