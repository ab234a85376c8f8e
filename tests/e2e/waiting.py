"""Waiting for what the deployed system does in its own time: looking until a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 180.0
"""For what takes a few seconds at most, and well under one as a rule. It is used up by what never
comes alone: the first calls of a stack start its functions, and a machine may be a busy one."""
_BETWEEN_LOOKS_SECONDS = 0.05


def eventually[T](
    look: Callable[[], T], what: str, patience_seconds: float = PATIENCE_SECONDS
) -> T:
    """What ``look`` sees once that is truthy.

    Raises AssertionError, with what was seen last, when it is not by the deadline.
    """
    deadline = time.monotonic() + patience_seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {patience_seconds:g} s, but {seen!r}")
        time.sleep(_BETWEEN_LOOKS_SECONDS)
    return seen
