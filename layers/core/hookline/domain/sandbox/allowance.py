"""Steps that several pieces of work share, so that all of them together are bounded."""

from __future__ import annotations


class Exhausted(Exception):  # noqa: N818 - a signal between modules, never an error of its own
    """The steps that were granted are used up; nothing is known of what they were for."""


class Allowance:
    """So many steps to be spent. A step is about a microsecond of a whole processor."""

    def __init__(self, steps: int) -> None:
        self._granted = steps
        self.left = steps

    @property
    def spent(self) -> int:
        """Steps spent so far."""
        return self._granted - self.left

    def pay(self, steps: int) -> None:
        """Raises Exhausted, with all spent, when there are not as many left."""
        self.left -= steps
        if self.left < 0:
            self.left = 0
            raise Exhausted
