"""How often a message is tried, and how long it waits in between."""

from __future__ import annotations

from datetime import timedelta

MAX_TRIES = 5
"""Runs over one message, crashed ones included. Below the queue's maxReceiveCount, so that a
message ends by our own count, with its reason, and only what kills every run is set aside."""

LEASE = timedelta(seconds=90)
"""How long one run may work on a message: above the time-outs of the functions that run it."""

STUCK_AFTER = timedelta(minutes=40)
"""The age at which a message that is still pending has lost its place in the queue: five tries and
the waits between them take half an hour at most."""

_WAITS = (10, 60, 300, 900)


def wait_after(tries: int) -> timedelta:
    """The wait before the next try, after so many (from 1): 10 s, 1 min, 5 min, 15 min."""
    return timedelta(seconds=_WAITS[min(tries, len(_WAITS)) - 1])
