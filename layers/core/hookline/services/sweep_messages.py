"""Finds messages that lost their place in the queue, and gives them a new one."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.inbound.tries import STUCK_AFTER
from hookline.ports import Clock
from hookline.ports_identity import Tenants
from hookline.ports_inbound import InboundQueue, PendingMessages
from hookline.services.every_tenant import every_tenant

_REACH = timedelta(hours=3)
"""How far back a sweep looks. It runs every hour, so that each message is looked at at least twice
and an outage of two hours misses none."""


class SweepMessages:
    """Queues what is durable and still pending long after it came.

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

    def __call__(self) -> int:
        """How many messages it queued. Raises Unavailable; what it queued until then stays so."""
        until = self._clock() - STUCK_AFTER
        found = 0
        for tenant in every_tenant(self._tenants):
            for message_id in self._messages.pending(tenant, until - _REACH, until):
                self._queue.send(tenant, message_id)
                found += 1
        return found
