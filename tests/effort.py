"""How much work a piece of code is, counted and not timed: the same on every machine.

What Python executes is counted in moves: a call, a generator's resumption, a jump, a branch taken
or not. No loop and no recursion turns without one, whatever stands on a line. What C does within
one call of it is no move: that is bounded by other means, each named where it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

_EVENTS = sys.monitoring.events
_MOVES = (_EVENTS.PY_START, _EVENTS.PY_RESUME, _EVENTS.JUMP)
_NEVER = 2**62


class TooMuchWork(AssertionError):  # noqa: N818 - named for what happened
    """More moves than there may be: the code was stopped in the middle."""


class Effort:
    """Counts the moves of a ``with`` block, and ends it by TooMuchWork at one more than ``most``.

    Blocks cannot be nested, and nothing else may run Python meanwhile: threads count too.
    """

    def __init__(self, most: int = _NEVER) -> None:
        self.moves = 0
        self._most = most

    def __enter__(self) -> Self:
        self._tool = next(number for number in range(6) if sys.monitoring.get_tool(number) is None)
        sys.monitoring.use_tool_id(self._tool, "effort")
        for event in _MOVES:
            sys.monitoring.register_callback(self._tool, event, self._move)
        sys.monitoring.set_events(self._tool, sum(_MOVES))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.monitoring.set_events(self._tool, 0)
        for event in _MOVES:
            sys.monitoring.register_callback(self._tool, event, None)
        sys.monitoring.free_tool_id(self._tool)
        if self.moves > self._most and not isinstance(error, TooMuchWork):
            raise self._too_much()  # somebody on the way out caught it

    def _move(self, *_: object) -> None:
        self.moves += 1
        if self.moves > self._most:
            # First of all: what cleans up on the way out is not to be stopped as well.
            sys.monitoring.set_events(self._tool, 0)
            raise self._too_much()

    def _too_much(self) -> TooMuchWork:
        return TooMuchWork(f"it takes more than {self._most} moves")


def moves_of(work: Callable[[], object]) -> int:
    """The moves that some work takes."""
    with Effort() as effort:
        work()
    return effort.moves
