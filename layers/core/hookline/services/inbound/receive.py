"""Takes in one inbound call: durable first, then to the queue; or worked on at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from hookline.domain.ids import MessageId, TenantId, new_id
from hookline.domain.inbound.handshakes import challenge_of
from hookline.domain.inbound.message import MAX_BODY_BYTES, Call, Message, Outcome, Progress
from hookline.errors import TooLarge
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import InboundQueue, NewMessages
from hookline.services.inbound.process_message import (
    NOTHING,
    ComeBack,
    Did,
    Finished,
    ProcessMessage,
)

_SAFETY_DELAY = timedelta(seconds=120)
"""After which the worker looks at a message that its receiver was to run itself, and finds nothing
to do unless the receiver died. Longer than a run's lease."""


class TenantExists(Protocol):
    """Whether a tenant is there; `KnownTenants` in production."""

    def __call__(self, tenant: TenantId) -> bool:
        """From memory where it can."""
        ...


class Quota(Protocol):
    """Counts a tenant's calls."""

    def __call__(self, tenant: TenantId) -> None:
        """Raises TooManyRequests once the tenant has used up what it may."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The call is durable, its functions run later (reference row FD-5)."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Done:
    """All that was to run has run (reference row FD-6)."""

    message_id: MessageId
    status: Progress
    outcome: Outcome | None
    did: Did = NOTHING


@dataclass(frozen=True, slots=True)
class Challenged:
    """A handshake whose sender waits for ``reply``."""

    message_id: MessageId
    reply: str


class ReceiveCall:
    """Takes in a call.

    A tenant that does not exist is answered as one that has no provider: nothing tells them apart,
    and nothing is kept.
    """

    def __init__(
        self,
        *,
        tenant_exists: TenantExists,
        quota: Quota,
        messages: NewMessages,
        queue: InboundQueue,
        process: ProcessMessage,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._tenant_exists = tenant_exists
        self._quota = quota
        self._messages = messages
        self._queue = queue
        self._process = process
        self._clock = clock
        self._randomness = randomness

    def __call__(self, call: Call) -> Accepted | Done | Challenged:
        """How to answer. Raises TooLarge, TooManyRequests and Unavailable."""
        if len(call.body) > MAX_BODY_BYTES:
            raise TooLarge(f"The body has {len(call.body)} bytes; {MAX_BODY_BYTES} are allowed.")
        now = self._clock()
        message = Message(
            id=MessageId(new_id("msg", now, self._randomness(10))),
            call=call,
            received_at=now,
            sync=call.wants_sync,
        )
        if not self._tenant_exists(call.tenant):
            return _of_nobody(message)
        self._quota(call.tenant)
        if message.sync or challenge_of(message.payload) is not None:
            return self._at_once(message)
        self._messages.put(message)
        self._queue.send(call.tenant, message.id)
        return Accepted(message.id)

    def _at_once(self, message: Message) -> Accepted | Done | Challenged:
        claim = self._process.new_claim()
        message = replace(message, tries=1)
        self._messages.put(message, claim)
        self._queue.send(message.tenant, message.id, _SAFETY_DELAY)
        result = self._process.work(message, claim.holder, last=message.sync)
        match result:
            case Finished(handshake=handshake) if handshake and handshake.reply is not None:
                return Challenged(message.id, handshake.reply)
            case Finished(message=ended, did=did) if message.sync:
                return Done(ended.id, ended.status, ended.outcome, did)
            case ComeBack() if not message.sync:
                self._queue.send(message.tenant, message.id, result.after)
        return Accepted(message.id)


def _of_nobody(message: Message) -> Accepted | Done:
    if message.sync:
        return Done(message.id, Progress.FAILED, Outcome.NO_PROVIDER)
    return Accepted(message.id)
