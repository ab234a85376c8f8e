"""What the services need from outside; each port is named for the whole atomic act it does.

A port's methods either do all they say and return, or raise `hookline.errors.Unavailable`. Those
that write are idempotent, since a reply can get lost after the write was applied. Reads are
consistent where a decision depends on them.

Ports name values of the domain in annotations only, so their imports are for type checkers: a
function then loads only the values that it handles. A service imports a port that way too if
nothing else makes its function load the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

Clock = Callable[[], datetime]
"""The time now, in UTC."""


Randomness = Callable[[int], bytes]
"""So many random bytes."""


class Crew[Done](Protocol):
    """Work going on side by side, started by one who collects the results."""

    def start(self, work: Callable[[], Done]) -> None:
        """Does ``work`` as soon as there is a place; it must not raise."""
        ...

    def done(self, within: timedelta) -> Sequence[Done]:
        """What ended since the last call; waits up to ``within`` for the first, if nothing has."""
        ...


class Concurrently(Protocol):
    """Runs a function over items side by side and yields results as they come, in any order.

    The function must not raise; one that does ends the whole run.
    """

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]: ...


class LambdaContext(Protocol):
    """The part that we need of what Lambda passes to a handler besides the event."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...
