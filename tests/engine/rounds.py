"""Pieces of rounds and their leases in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hookline.ports.rounds import Piece


class InMemoryLeases:
    """`Leases`."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, datetime]] = {}

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        standing = self._held.get(name)
        if standing and standing[0] != holder and standing[1] > now:
            return False
        self._held[name] = holder, until
        return True

    def give_back(self, name: str, holder: str, now: datetime) -> None:
        if self._held.get(name, ("", now))[0] == holder:
            self._held[name] = holder, now


class InMemoryPieces:
    """`Pieces`, until somebody takes those that were asked for."""

    def __init__(self) -> None:
        self._asked: list[Piece] = []

    def start(self, pieces: Sequence[Piece]) -> None:
        self._asked += pieces

    def taken(self) -> Sequence[Piece]:
        asked, self._asked = self._asked, []
        return asked
