"""Runs a stored message again, as a new one (reference row FD-8)."""

from __future__ import annotations

from hookline.domain.ids import MessageId, PrincipalId, TenantId, new_id
from hookline.domain.inbound.message import Message
from hookline.errors import NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import InboundQueue, MessageLog, NewMessages


class Resubmit:
    """Stores a copy of a message that says who asked and what it repeats, and queues it.

    It is matched by the configuration as it is now, and verified over the stored bytes as of when
    the original came (`hookline.services.inbound.match_message`): what nobody signed does not run
    because somebody repeats it.
    """

    def __init__(
        self,
        *,
        log: MessageLog,
        messages: NewMessages,
        queue: InboundQueue,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._log = log
        self._messages = messages
        self._queue = queue
        self._clock = clock
        self._randomness = randomness

    def __call__(self, tenant: TenantId, message_id: MessageId, by: PrincipalId) -> Message:
        """The new message. Raises NotFound."""
        original = self._log.get(tenant, message_id)
        if original is None:
            raise NotFound
        now = self._clock()
        message = Message(
            id=MessageId(new_id("msg", now, self._randomness(10))),
            call=original.call,
            received_at=now,
            resubmit_of=original.id,
            resubmitted_by=by,
            original=original.came_in,
        )
        self._messages.put(message)
        self._queue.send(tenant, message.id)
        return message
