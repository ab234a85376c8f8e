"""Finds messages that lost their place in the queue, and gives them a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.rotation import rotated
from hookline.domain.ids import TenantId
from hookline.domain.inbound.tasks import STUCK_AFTER
from hookline.ports import Clock
from hookline.ports.identity import Tenants
from hookline.ports.inbound import InboundQueue, PendingMessages
from hookline.services.waiting.round_robin import Failure, RoundRobin, every_tenant

_EVERY = timedelta(hours=1)

_REACH = timedelta(hours=6)
"""How far back a sweep looks. It runs every hour, so that an outage of five hours misses nothing,
nor do sweeps that have time for no more than a third of the tenants (`rotated`)."""


@dataclass(frozen=True, slots=True)
class Requeued:
    """The count of messages queued again; ``failed`` are the tenants that could not be swept."""

    messages: int
    failed: Sequence[Failure] = ()


class SweepMessages:
    """Queues messages that are still pending long after they came.

    A receiver can die between the write and the queue, and an operator can purge the queue: the
    table is the truth, the queue only a timer. Queueing a message twice does no harm.
    """

    def __init__(
        self, *, tenants: Tenants, messages: PendingMessages, queue: InboundQueue, clock: Clock
    ) -> None:
        self._tenants = tenants
        self._messages = messages
        self._queue = queue
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool]) -> Requeued:
        """Reads each tenant's messages once, in turn.

        A sweep that runs out of time starts with other tenants next time. Raises Unavailable; what
        was queued until then stays queued.
        """
        now = self._clock()
        circle = rotated(list(every_tenant(self._tenants)), now, _EVERY)
        round_robin = RoundRobin(has_time)
        queued = sum(round_robin(circle, lambda tenant: self._reads(tenant, now - STUCK_AFTER)))
        return Requeued(queued, round_robin.failed)

    def _reads(self, tenant: TenantId, until: datetime) -> Iterator[int]:
        for message_ids in self._messages.pending(tenant, until - _REACH, until):
            if message_ids:
                self._queue.send_many(tenant, message_ids)
            yield len(message_ids)
