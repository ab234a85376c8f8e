"""How long a piece of work belongs to whoever took it up."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

LEASE = timedelta(minutes=15)
"""Longer than any invocation lasts (60 s) and than a received message stays hidden after a crash
(360 s): by then whoever held the work is gone, and its message has come back if it could. Only
then does the scheduler act."""


class Lease(Enum):
    """The answer to a request for a piece of work."""

    FIRST = "first"
    """Nobody had it before: nothing of it is done."""
    AGAIN = "again"
    """Somebody had it before and may have left it half done."""
    HELD = "held"
    """Somebody else has it now."""
