"""Runs a stored message again, as a new one (reference row FD-8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hookline.domain.ids import MessageId, PrincipalId, TenantId, instant_of, new_id
from hookline.domain.inbound.message import Message
from hookline.domain.inbound.message_filter import MessageFilter
from hookline.errors import NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import InboundQueue, MessageLog, NewMessages

MOST_RESUBMITTED = 100
"""Messages in one call of the API, which has 29 s: each takes a read, a write and a place in the
queue."""

MOST_COUNTED = 10_000
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """The count, and the time before which the rest came; None if there is no rest."""

    messages: int
    rest_until: datetime | None


class Resubmit:
    """Stores a copy of a message, with who asked and what it repeats, and queues it.

    It is matched by the current configuration, and verified over the stored bytes as of the
    original's arrival (`hookline.services.inbound.match_message`): repeating a call does not run
    what nobody signed.
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
        return self._again(tenant, original, by)

    def many(
        self, tenant: TenantId, wanted: MessageFilter, by: PrincipalId, *, dry_run: bool
    ) -> Resubmitted:
        """Runs the messages of a filter again, newest first, as many as one call has time for.

        A dry run only counts them. Those that arrive meanwhile are left alone.
        """
        limit = MOST_COUNTED if dry_run else MOST_RESUBMITTED
        until = self._clock()
        if wanted.until is None or wanted.until > until:
            wanted = replace(wanted, until=until)
        done, before, rest = 0, None, None
        while True:
            size = min(_PAGE, limit - done) if rest is None else _PAGE
            page, before = self._log.page(tenant, size, before=before, wanted=wanted)
            for each in page:
                if not dry_run:
                    whole = self._log.get(tenant, each.id)
                    if whole is not None:  # otherwise it has expired meanwhile
                        self._again(tenant, whole, by)
                done += 1
            if before is None:
                return Resubmitted(done, rest)
            if done >= limit and rest is None:
                # Only a time is returned to go on from: all messages of one millisecond are done
                # here.
                rest = instant_of(before)
                wanted = replace(wanted, since=max(rest, wanted.since or rest))

    def _again(self, tenant: TenantId, original: Message, by: PrincipalId) -> Message:
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
