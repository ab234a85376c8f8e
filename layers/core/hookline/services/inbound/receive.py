"""Receives one inbound call: stores it, then queues it or works on it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from hookline.domain.ids import MessageId, TenantId, new_id
from hookline.domain.inbound.answers import Answer
from hookline.domain.inbound.message import MAX_BODY_BYTES, Call, Message, Outcome, Progress
from hookline.errors import TooLarge
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import InboundQueue, NewMessages
from hookline.services.inbound.match_message import (
    Challenged,
    Denied,
    Found,
    Look,
    MatchMessage,
    Nobodys,
    Undecided,
)
from hookline.services.inbound.process_message import NOTHING, Did, Finished, ProcessMessage

_SAFETY_DELAY = timedelta(seconds=120)
"""The worker's delay for a message that its receiver runs itself: it finds nothing to do unless
the receiver died. Longer than a run's lease."""


class TenantExists(Protocol):
    """Whether a tenant is there; `KnownTenants` in production."""

    def __call__(self, tenant: TenantId) -> bool:
        """A yes may come from memory. A no is read anew, since the call is then dropped."""
        ...


class Quota(Protocol):
    """Counts a tenant's calls, or their bytes."""

    def __call__(self, tenant: TenantId, amount: int, /) -> None:
        """Raises TooManyRequests once the tenant's quota is used up."""
        ...


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many calls a tenant may receive, and how many bytes."""

    calls: Quota
    sizes: Quota


@dataclass(frozen=True, slots=True)
class Accepted:
    """The call is durable, its functions run later (reference row FD-5).

    ``answer`` is the provider's own answer, if it has one.
    """

    message_id: MessageId
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The call does not verify, and its provider refuses such calls."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Done:
    """All functions have run (reference row FD-6)."""

    message_id: MessageId
    status: Progress
    outcome: Outcome | None
    did: Did = NOTHING


@dataclass(frozen=True, slots=True)
class NotKept:
    """No provider could take the call, so no message is kept; ``waits`` if its caller does."""

    waits: bool


Result = Accepted | Refused | Done | NotKept


class ReceiveCall:
    """Receives a call.

    A tenant that does not exist is answered like one without providers: callers cannot tell them
    apart, and nothing is kept. A look at the providers decides only the answer: whoever works on
    the message matches it again.
    """

    def __init__(
        self,
        *,
        tenant_exists: TenantExists,
        quotas: Quotas,
        match: MatchMessage,
        messages: NewMessages,
        queue: InboundQueue,
        process: ProcessMessage,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._tenant_exists = tenant_exists
        self._quotas = quotas
        self._match = match
        self._messages = messages
        self._queue = queue
        self._process = process
        self._clock = clock
        self._randomness = randomness

    def __call__(self, call: Call) -> Result:
        """How to answer. Raises TooLarge, TooManyRequests and Unavailable."""
        if len(call.body) > MAX_BODY_BYTES:
            raise TooLarge(f"The body has {len(call.body)} bytes; {MAX_BODY_BYTES} are allowed.")
        now = self._clock()
        message = Message(
            id=MessageId(new_id("msg", now, self._randomness(10))), call=call, received_at=now
        )
        if not self._tenant_exists(call.tenant):
            return NotKept(call.wants_sync)
        self._quotas.calls(call.tenant, 1)
        self._quotas.sizes(call.tenant, len(call.body))
        look = self._match.first_look(message)
        if look is None:
            return NotKept(call.wants_sync)
        if isinstance(look, Challenged):
            return self._noted(message, look)
        if _waits(look, call):
            return self._at_once(replace(message, sync=True))
        self._messages.put(message)
        self._queue.send(call.tenant, message.id)
        if isinstance(look, Denied):
            return Refused(message.id)
        return Accepted(message.id, _fixed_answer(look))

    def _noted(self, message: Message, look: Challenged) -> Result:
        """A challenge ends here: it is stored, and nobody works on it."""
        noted = replace(
            message,
            call=look.shown,
            provider_id=look.provider.id,
            provider_name=look.provider.name,
            outcome=Outcome.MATCHED,
            message=look.challenge.note,
        )
        self._messages.put(noted.ended())
        return Accepted(message.id, look.answer or _fixed_answer(look))

    def _at_once(self, message: Message) -> Result:
        claim = self._process.new_claim()
        message = replace(message, tries=1)
        self._messages.put(message, claim)
        self._queue.send(message.tenant, message.id, _SAFETY_DELAY)
        match self._process.work(message, claim.holder, last=True):
            case Finished(message=ended, did=did):
                return Done(ended.id, ended.status, ended.outcome, did)
            case _:
                return Accepted(message.id)


def _waits(look: Look, call: Call) -> bool:
    """Whether the caller waits for the functions.

    A header may ask for it (reference row FD-6) only if the provider says nothing else, since
    anybody can send it and would hold a process for as long as the functions take.
    """
    match look:
        case Found(provider) | Undecided(provider):
            return provider.mode == "sync" or (call.wants_sync and provider.mode != "async")
        case Nobodys():
            return call.wants_sync
        case _:
            return False


def _fixed_answer(look: Look) -> Answer | None:
    if not isinstance(look, Found | Undecided | Challenged):
        return None
    answer = look.provider.answer
    return None if answer is None else Answer(answer.status, answer.headers, answer.body)
