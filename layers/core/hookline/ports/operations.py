"""How the stack itself is doing, for its operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class QueueState:
    """Messages of one queue, as SQS counts them; ``oldest_seconds`` is None if unknown."""

    name: str
    visible: int
    in_flight: int
    oldest_seconds: int | None


@dataclass(frozen=True, slots=True)
class AlarmState:
    """One alarm of CloudWatch; ``state`` is ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""

    name: str
    state: str
    since: datetime | None


class Operations(Protocol):
    """Looks at queues, alarms and tables of this stack, and at no other's."""

    def queues(self) -> Sequence[QueueState]:
        """By name. Raises Unavailable."""
        ...

    def table_is_up(self, name: str) -> bool:
        """Whether a table can be read and written. Raises Unavailable."""
        ...

    def stream_age(self) -> int | None:
        """Seconds that fan-out was behind its stream when it last ran, in this quarter of an hour.

        None if it had nothing to do. Raises Unavailable.
        """
        ...

    def alarms(self) -> Sequence[AlarmState]:
        """By name. Raises Unavailable."""
        ...
