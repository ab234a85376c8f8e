"""How long whoever took up a piece of work has before somebody else may take it up."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

LEASE = timedelta(minutes=15)
"""Longer than any invocation lasts (60 s) and than a received message stays hidden after a crash
(360 s): whoever held a piece of work is gone by then, and what they held has come back by itself
if it can. Only then does the scheduler act."""


class Lease(Enum):
    """What came of asking for a piece of work."""

    FIRST = "first"
    """Nobody had it before: nothing of it has been done."""
    AGAIN = "again"
    """Somebody had it before, and may have left it half done."""
    HELD = "held"
    """Somebody has it now."""
