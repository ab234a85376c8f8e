"""One chunk of a fan-out: creates its deliveries, or mends what a crash or a lost message left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from hookline.domain.delivery.changing import watch
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnTheClock, Progress
from hookline.domain.delivery.tasks import task_of
from hookline.domain.fan_out.fan_out import FanOut, FanOutTask, Match, delivery_key_of, delivery_of
from hookline.domain.ids import EventId, TenantId
from hookline.domain.lease import Lease
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.deliveries import Deliveries, DeliveryChanges, NewDeliveries
from hookline.ports.events import Events, FanOuts

if TYPE_CHECKING:
    from hookline.ports.sending import FirstAttempts


_AT_ONCE = 100
"""Deliveries in memory at once: those never attempted have no bodies, but an activation each."""


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """Every delivery of the chunk exists and is on its way; ``mended`` of them were not."""

    created: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class ChunkHeld:
    """Somebody else works on the chunk: come back later."""


def must_have_expired(events: Events, tenant: TenantId, event_id: EventId) -> None:
    """For the event of a claimed fan-out whose record is not found.

    Raises Unavailable while the event is kept: then the record lies where its claimer's list of
    shards has it, and dropping the fan-out would lose deliveries.
    """
    if events.get(tenant, event_id) is not None:
        raise Unavailable(f"the record of the fan-out of {event_id} is not where it should be")


class MendChunk:
    """Looks first, and puts missing or unattempted deliveries on the clock instead of sending them.

    So no message can get lost between the sweep's visit and the next attempt.
    """

    def __init__(
        self,
        *,
        fan_outs: FanOuts,
        new_deliveries: NewDeliveries,
        deliveries: Deliveries,
        changes: DeliveryChanges,
        clock: Clock,
    ) -> None:
        self._fan_outs = fan_outs
        self._new_deliveries = new_deliveries
        self._deliveries = deliveries
        self._changes = changes
        self._clock = clock

    def __call__(self, fan_out: FanOut, chunk: int, run: str) -> ChunkDone | ChunkHeld:
        """Takes the chunk for a lease if it needs mending, whether or not somebody held it before.

        ``run`` names this run and no other. Raises Unavailable.
        """
        matches = self._fan_outs.chunk(fan_out, chunk)
        if self._finished(fan_out, matches):
            return ChunkDone()
        now = self._clock()
        if self._fan_outs.lease(fan_out, chunk, run, now) is Lease.HELD:
            return ChunkHeld()
        return self.leased(fan_out, matches, now)

    def leased(self, fan_out: FanOut, matches: Sequence[Match], now: datetime) -> ChunkDone:
        """For a run that has the chunk's lease from ``now`` on. Raises Unavailable."""
        expected = [delivery_of(fan_out, match) for match in matches]
        there = self._deliveries.progress([delivery.key for delivery in expected])
        missing = [delivery for delivery in expected if delivery.key not in there]
        # Created as already due on the clock: the scheduler's next round sends their messages.
        self._new_deliveries.create([replace(one, waiting=OnTheClock(now)) for one in missing])
        left = [key for key, progress in there.items() if progress is Progress.UNATTEMPTED]
        for some in batched(left, _AT_ONCE, strict=False):
            self._watch(some, now)
        return ChunkDone(mended=len(missing) + len(left))

    def _finished(self, fan_out: FanOut, matches: Sequence[Match]) -> bool:
        """Whether all of them exist, and were attempted or wait where the scheduler looks."""
        keys = [delivery_key_of(fan_out, match.webhook_id) for match in matches]
        there = self._deliveries.progress(keys)
        return all(there.get(key) is Progress.UNDER_WAY for key in keys)

    def _watch(self, keys: Sequence[DeliveryKey], now: datetime) -> None:
        for delivery in self._deliveries.get_many(keys).values():
            if delivery.progress is Progress.UNATTEMPTED:
                # Losing the race is fine: somebody is attempting it.
                self._changes.replace(delivery, watch(delivery, now))


class CreateChunk:
    """Works on a chunk under a lease, so that nobody creates what another run has created.

    The first holder creates without looking. A later one, after a holder that may have died, mends
    what was left.
    """

    def __init__(
        self,
        *,
        events: Events,
        fan_outs: FanOuts,
        new_deliveries: NewDeliveries,
        first_attempts: FirstAttempts,
        mend_chunk: MendChunk,
        clock: Clock,
    ) -> None:
        self._events = events
        self._fan_outs = fan_outs
        self._new_deliveries = new_deliveries
        self._first_attempts = first_attempts
        self._mend_chunk = mend_chunk
        self._clock = clock

    def __call__(self, task: FanOutTask, chunk: int, run: str) -> ChunkDone | ChunkHeld:
        """``run`` names this run and no other. Raises Unavailable."""
        fan_out = self._fan_outs.get(task.tenant, task.accepted_at, task.event_id)
        if fan_out is None:
            must_have_expired(self._events, task.tenant, task.event_id)
            return ChunkDone()
        now = self._clock()
        match self._fan_outs.lease(fan_out, chunk, run, now):
            case Lease.HELD:
                return ChunkHeld()
            case Lease.FIRST:
                matches = self._fan_outs.chunk(fan_out, chunk)
                self._create([delivery_of(fan_out, match) for match in matches])
                return ChunkDone(created=len(matches))
            case Lease.AGAIN:
                matches = self._fan_outs.chunk(fan_out, chunk)
                return self._mend_chunk.leased(fan_out, matches, now)

    def _create(self, new: Sequence[Delivery]) -> None:
        """Creates new deliveries, then asks for their first attempts.

        Nobody else can have created them.
        """
        if new:
            self._new_deliveries.create(new)
            self._first_attempts.send([task_of(delivery) for delivery in new], crowd=True)
