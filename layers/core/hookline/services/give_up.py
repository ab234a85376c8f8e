"""What must have happened before a delivery is written as failed."""

from __future__ import annotations

from typing import Protocol

from hookline.domain.delivery import Delivery
from hookline.domain.lifecycle import task_of
from hookline.ports import DeadLetters


class TellFailed(Protocol):
    """`hookline.services.operational_events.OperationalEvents`."""

    def delivery_failed(self, delivery: Delivery) -> None:
        """Tells that a delivery is about to end as failed."""
        ...


class GiveUp:
    """Sends the dead letter and tells whoever subscribes, first.

    A crash before the delivery is written repeats both: the second letter of one generation does
    nothing when it is redriven, and the event's id is the same. The other order would lose them.
    """

    def __init__(self, *, dead_letters: DeadLetters, tell: TellFailed) -> None:
        self._dead_letters = dead_letters
        self._tell = tell

    def __call__(self, after: Delivery, letter: str | None) -> None:
        """``after`` is the failed delivery about to be put; ``letter`` the reason, if any.

        Raises Unavailable.
        """
        if letter is not None:
            self._dead_letters.send(task_of(after), letter)
        self._tell.delivery_failed(after)
