"""What must have happened before a delivery is written as failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookline.domain.delivery.delivery import Delivery
from hookline.domain.delivery.tasks import task_of
from hookline.ports.sending import DeadLetters


class TellFailed(Protocol):
    """`hookline.services.webhook.operational_events.OperationalEvents`."""

    def deliveries_failed(self, deliveries: Sequence[Delivery]) -> None:
        """Tells that deliveries are about to end as failed."""
        ...


class GiveUp:
    """Sends the dead letter and tells whoever subscribes, first.

    A crash before the delivery is written repeats both: the second letter of one generation does
    nothing when it is redriven, and the event's id is the same. The other order would lose them.
    """

    def __init__(self, *, dead_letters: DeadLetters, tell: TellFailed) -> None:
        self._dead_letters = dead_letters
        self._tell = tell

    def __call__(self, after: Delivery, dead_letter_reason: str | None) -> None:
        """``after`` is the failed delivery about to be put; no reason, no dead letter.

        Raises Unavailable.
        """
        if dead_letter_reason is not None:
            self._dead_letters.send(task_of(after), dead_letter_reason)
        self._tell.deliveries_failed([after])

    def all_of(self, after: Sequence[Delivery]) -> None:
        """The same for many, each of which is dead-lettered for its failure's reason.

        Raises Unavailable.
        """
        letters = [(task_of(one), one.failure_reason or "") for one in after]
        if letters:
            self._dead_letters.send_many(letters)
            self._tell.deliveries_failed(after)
