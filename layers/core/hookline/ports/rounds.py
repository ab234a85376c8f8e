"""What a round of the scheduler needs to be worked on in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookline.domain.delivery.rotation import Share


@dataclass(frozen=True, slots=True)
class Piece:
    """One share of one kind of work, in an invocation of its own.

    ``served`` names webhooks that already had their part of this minute.
    """

    work: str
    share: Share
    served: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its lease: the same for this piece of each round."""
        return f"{self.work}#{self.share.number}#{self.share.of}"


class Pieces(Protocol):
    """Invocations of the scheduler itself, each with a clock of its own."""

    def start(self, pieces: Sequence[Piece]) -> None:
        """Returns once they are asked for; a lost piece waits for the next round.

        Raises Unavailable.
        """
        ...


class Leases(Protocol):
    """Who works on what, until when: two at once do no harm, but half of the work is wasted."""

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """False while another holder's lease runs."""
        ...

    def give_back(self, name: str, holder: str, now: datetime) -> None:
        """Lets another take it at once; does nothing if another already has it."""
        ...
