"""Waits between tries of a call: at random below a bound that doubles (full jitter)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FIRST_SECONDS = 0.05
_LONGEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """From 50 ms up to 2 s; ``sleep`` and ``jitter`` (0..1) are arguments for tests."""

    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def tries(self, most: int) -> Iterator[int]:
        """Counts the tries from 0 on, and waits before each but the first."""
        bound = _FIRST_SECONDS
        for number in range(most):
            if number:
                self.sleep(bound * self.jitter())
                bound = min(bound * 2, _LONGEST_SECONDS)
            yield number
