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

    ``served`` names webhooks that had what they get in this minute already.
    """

    work: str
    share: Share
    served: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its lease is called: the same piece of each round."""
        return f"{self.work}#{self.share.number}#{self.share.of}"


class Pieces(Protocol):
    """Invocations of the scheduler itself, each with a clock of its own."""

    def start(self, pieces: Sequence[Piece]) -> None:
        """Returns as soon as they are asked for; a piece that gets lost waits for the next round.

        Raises Unavailable.
        """
        ...


class Leases(Protocol):
    """Who works on what, until when: two at once would do no harm, but half of it for nothing."""

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """False while another holder's lease runs."""
        ...

    def give_back(self, name: str, holder: str, now: datetime) -> None:
        """Another may take it at once; nothing where it is another's by now."""
        ...
