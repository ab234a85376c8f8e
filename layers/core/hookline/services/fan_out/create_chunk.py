"""Creates the deliveries of one further chunk of a fan-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.domain.fan_out.fan_out import FanOutTask
from hookline.domain.lease import Lease
from hookline.ports import Clock
from hookline.services.fan_out.chunks import ChunkDone, ChunkHeld, MendChunk
from hookline.services.fan_out.fan_out import create_and_send

if TYPE_CHECKING:
    from hookline.ports.deliveries import NewDeliveries
    from hookline.ports.events import FanOuts
    from hookline.ports.sending import FirstAttempts


class CreateChunk:
    """Works on a chunk under a lease, so that nobody creates what another run has created.

    The first to hold it creates blindly. Whoever comes after one that may have died half way mends
    what that one left.
    """

    def __init__(
        self,
        *,
        fan_outs: FanOuts,
        new_deliveries: NewDeliveries,
        first_attempts: FirstAttempts,
        mend_chunk: MendChunk,
        clock: Clock,
    ) -> None:
        self._fan_outs = fan_outs
        self._new_deliveries = new_deliveries
        self._first_attempts = first_attempts
        self._mend_chunk = mend_chunk
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
                create_and_send([(fan_out, matches)], self._new_deliveries, self._first_attempts)
                return ChunkDone(created=len(matches))
            case Lease.AGAIN:
                matches = self._fan_outs.chunk(fan_out, task.chunk)
                return self._mend_chunk.leased(fan_out, matches, now)
