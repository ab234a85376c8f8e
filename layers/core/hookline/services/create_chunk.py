"""Creates the deliveries of one chunk of a fan-out, for the first time or what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hookline.domain.delivery import Delivery, OnTheClock, Status
from hookline.domain.fan_out import FanOut, FanOutTask, Match, delivery_of
from hookline.domain.lease import Lease
from hookline.domain.lifecycle import watch
from hookline.ports import Clock, DeliveryChanges, FanOuts, FirstAttempts, NewDeliveries
from hookline.services.fan_out import create_and_send


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """Every delivery of the chunk exists and is on its way; ``mended`` of them were not."""

    created: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class ChunkHeld:
    """Somebody else works on the chunk: come back later."""


class CreateChunk:
    """Works on a chunk under a lease, so that nobody creates what another run has created.

    The first to hold it creates blindly. Whoever comes after one that may have died half way looks
    first, and puts what it finds unattempted on the clock instead of sending: no message of the
    queues can get lost between the sweep's passing and the next attempt.
    """

    def __init__(
        self,
        *,
        fan_outs: FanOuts,
        deliveries: NewDeliveries,
        changes: DeliveryChanges,
        first_attempts: FirstAttempts,
        clock: Clock,
    ) -> None:
        self._fan_outs = fan_outs
        self._deliveries = deliveries
        self._changes = changes
        self._first_attempts = first_attempts
        self._clock = clock

    def __call__(self, task: FanOutTask, run: str) -> ChunkDone | ChunkHeld:
        """``run`` names this run and no other. Raises Unavailable."""
        fan_out = self._fan_outs.get(task.tenant, task.accepted_at, task.event_id)
        if fan_out is None:  # expired
            return ChunkDone()
        now = self._clock()
        match self._fan_outs.lease(fan_out, task.chunk, run, now):
            case Lease.HELD:
                return ChunkHeld()
            case Lease.FIRST:
                matches = self._fan_outs.chunk(fan_out, task.chunk)
                create_and_send([(fan_out, matches)], self._deliveries, self._first_attempts)
                return ChunkDone(created=len(matches))
            case Lease.AGAIN:
                return self._mend(fan_out, self._fan_outs.chunk(fan_out, task.chunk), now)

    def mend(self, fan_out: FanOut, chunk: int, run: str) -> ChunkDone | ChunkHeld:
        """Looks first, whether or not somebody held the chunk before: for the sweep."""
        matches = self._fan_outs.chunk(fan_out, chunk)
        if not self._unfinished(fan_out, matches):
            return ChunkDone()
        now = self._clock()
        if self._fan_outs.lease(fan_out, chunk, run, now) is Lease.HELD:
            return ChunkHeld()
        return self._mend(fan_out, matches, now)

    def _unfinished(self, fan_out: FanOut, matches: Sequence[Match]) -> Sequence[Delivery]:
        """Those that are missing, or have neither an attempt nor anybody to look for them."""
        expected = [delivery_of(fan_out, match) for match in matches]
        there = self._deliveries.get_many([delivery.key for delivery in expected])
        found = (there.get(delivery.key) or delivery for delivery in expected)
        return [delivery for delivery in found if unattempted(delivery)]

    def _mend(self, fan_out: FanOut, matches: Sequence[Match], now: datetime) -> ChunkDone:
        expected = [delivery_of(fan_out, match) for match in matches]
        there = self._deliveries.get_many([delivery.key for delivery in expected])
        missing = [delivery for delivery in expected if delivery.key not in there]
        # Created as already due on the clock: the scheduler's next round sends their messages.
        self._deliveries.create([replace(one, waiting=OnTheClock(now)) for one in missing])
        left = [delivery for delivery in there.values() if unattempted(delivery)]
        for delivery in left:
            # Losing the race is fine: somebody is attempting it.
            self._changes.replace(delivery, watch(delivery, now))
        return ChunkDone(mended=len(missing) + len(left))


def unattempted(delivery: Delivery) -> bool:
    """Whether its first attempt's message is all there is to bring it on."""
    return (
        delivery.status is Status.CREATED
        and delivery.attempt_count == 0
        and delivery.waiting is None
    )
