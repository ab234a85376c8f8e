"""Sends what is due on the clock: parked deliveries, and those whose message got lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hookline.domain.delivery.changing import release
from hookline.domain.delivery.delivery import Delivery, OnTheClock
from hookline.ports import Clock
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

_AT_ONCE = 100
MOST_IN_ONE_ROUND = 10_000
"""Deliveries a round releases at most: a flood of retries must not drown first attempts."""


class ReleaseDue:
    """Moves each delivery's watch one lease ahead, then sends the message that asks for it.

    A crash in between costs that delivery one lease. Two rounds at once release nothing twice: the
    compare and set lets one of them move the watch.
    """

    def __init__(self, *, waiting: WaitingDeliveries, clock: Clock) -> None:
        self._waiting = waiting
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool]) -> int:
        """How many were released, those due longest first. Raises Unavailable."""
        released = 0
        while released < MOST_IN_ONE_ROUND and has_time():
            now = self._clock()
            found = self._waiting.read(self._waiting.due.on_the_clock(now, _AT_ONCE))
            due = (delivery for delivery in found if _is_due(delivery, now))
            sent = self._waiting.put(Change(one, release(one, now), timedelta()) for one in due)
            if not sent:
                # Nothing is due, or the index lags behind what was just released.
                break
            released += sent
        return released


def _is_due(delivery: Delivery, now: datetime) -> bool:
    waiting = delivery.waiting
    return isinstance(waiting, OnTheClock) and waiting.due_at <= now
