"""A budget of steps that several pieces of work share."""

from __future__ import annotations


class Exhausted(Exception):  # noqa: N818 - a signal between modules, never an error of its own
    """The granted steps are used up; the work has no result."""


class Allowance:
    """A number of steps to spend. A step is about a microsecond of a whole processor."""

    def __init__(self, steps: int) -> None:
        self._granted = steps
        self.left = steps

    @property
    def spent(self) -> int:
        """Steps spent so far."""
        return self._granted - self.left

    def pay(self, steps: int) -> None:
        """Raises Exhausted, with all spent, if fewer are left."""
        self.left -= steps
        if self.left < 0:
            self.left = 0
            raise Exhausted
