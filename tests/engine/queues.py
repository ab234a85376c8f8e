"""Queues in memory, with what matters of SQS: hiding, handles, receive counts, dead letters, caps.

Kept simple where SQS is complicated: a queue hands out its groups in turn (SQS does so only for
groups that crowd others out), and only the newest receipt handle of a message is good.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

from hookline.ports import Clock

_NOTHING = timedelta(0)

_NUMBERS = count(1)
"""No two messages have one id, whatever queue they are in."""


@dataclass(slots=True)
class Message:
    """``seen`` is its receive count, ``hidden_until`` when it is (or was) to be had next."""

    id: str
    body: str
    group: str | None
    reason: str | None
    sent_at: datetime
    hidden_until: datetime
    seen: int = 0
    gone: bool = False

    @property
    def handle(self) -> str:
        return f"{self.id}#{self.seen}"


@dataclass
class Queue:
    """One queue; ``in_flight_cap`` and ``retention`` are SQS's own limits."""

    clock: Clock
    visibility: timedelta = timedelta(seconds=360)
    max_receive_count: int | None = None
    dead_letters: Queue | None = None
    in_flight_cap: int = 120_000
    retention: timedelta = timedelta(days=14)

    def __post_init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._ready: OrderedDict[str, deque[Message]] = OrderedDict()
        self._hidden: list[tuple[datetime, int, Message]] = []
        self._entries = count()
        self._in_flight: set[str] = set()

    def send(
        self,
        body: str,
        *,
        delay: timedelta = _NOTHING,
        group: str | None = None,
        reason: str | None = None,
    ) -> str:
        now = self.clock()
        message = Message(f"m{next(_NUMBERS)}", body, group, reason, now, now + delay)
        self._messages[message.id] = message
        self._place(message)
        return message.id

    @property
    def has_any(self) -> bool:
        """Whether a message can be had now."""
        self._show_what_is_due()
        return bool(self._ready)

    def receive(self, limit: int = 10) -> Sequence[Message]:
        """Hides what it hands out; hands out nothing, silently, at the cap."""
        self._show_what_is_due()
        received: list[Message] = []
        while self._ready and len(received) < limit and len(self._in_flight) < self.in_flight_cap:
            message = self._next_ready()
            if message.gone or self.clock() - message.sent_at > self.retention:
                self._messages.pop(message.id, None)
            elif self.max_receive_count is not None and message.seen >= self.max_receive_count:
                self._give_up(message)
            else:
                message.seen += 1
                self._in_flight.add(message.id)
                self._hide(message, self.visibility)
                received.append(message)
        return received

    def delete(self, handle: str) -> bool:
        message = self._by_handle(handle)
        if message is None:
            return False
        message.gone = True
        self._in_flight.discard(message.id)
        del self._messages[message.id]
        return True

    def hide(self, handle: str, wait: timedelta) -> bool:
        message = self._by_handle(handle)
        if message is None or message.id not in self._in_flight:
            return False
        self._hide(message, wait)
        return True

    def show_again(self, message: Message) -> None:
        """SQS delivers at least once: a message in flight is there to be had once more."""
        self._in_flight.discard(message.id)
        message.hidden_until = self.clock()
        self._place(message)

    def shuffle(self, rng: Random) -> None:
        """SQS promises no order: those that are visible come in another one."""
        visible = [message for messages in self._ready.values() for message in messages]
        rng.shuffle(visible)
        self._ready.clear()
        for message in visible:
            self._ready.setdefault(message.group or "", deque()).append(message)

    def purge(self) -> None:
        for message in self._messages.values():
            message.gone = True
        self.__post_init__()

    def move_all_to(self, other: Queue) -> int:
        """A redrive: bodies as they are, in other respects new messages."""
        moved = [
            message for message in self._messages.values() if message.id not in self._in_flight
        ]
        for message in moved:
            other.send(message.body, group=message.group)
            message.gone = True
            del self._messages[message.id]
        return len(moved)

    @property
    def bodies(self) -> Sequence[str]:
        """Of all that is in it, hidden or not, in the order sent."""
        return [message.body for message in self._messages.values()]

    @property
    def messages(self) -> Sequence[Message]:
        return list(self._messages.values())

    @property
    def being_received(self) -> Sequence[Message]:
        """Those in flight, in the order sent."""
        self._show_what_is_due()
        return [message for message in self._messages.values() if message.id in self._in_flight]

    @property
    def in_flight(self) -> int:
        self._show_what_is_due()
        return len(self._in_flight)

    def in_flight_with(self, text: str) -> int:
        """Those in flight whose body holds ``text``."""
        if not text:
            return self.in_flight
        self._show_what_is_due()
        return sum(text in self._messages[each].body for each in self._in_flight)

    @property
    def next_due(self) -> datetime | None:
        """When the next hidden message comes back; None while nothing is hidden."""
        while self._hidden and not _current(*self._hidden[0][::2]):
            heapq.heappop(self._hidden)
        return self._hidden[0][0] if self._hidden else None

    def _place(self, message: Message) -> None:
        if message.hidden_until > self.clock():
            heapq.heappush(self._hidden, (message.hidden_until, next(self._entries), message))
        else:
            self._ready.setdefault(message.group or "", deque()).append(message)

    def _hide(self, message: Message, wait: timedelta) -> None:
        message.hidden_until = self.clock() + wait
        heapq.heappush(self._hidden, (message.hidden_until, next(self._entries), message))

    def _show_what_is_due(self) -> None:
        now = self.clock()
        while self._hidden and self._hidden[0][0] <= now:
            at, _, message = heapq.heappop(self._hidden)
            if _current(at, message):
                self._in_flight.discard(message.id)
                self._place(message)

    def _next_ready(self) -> Message:
        group, messages = next(iter(self._ready.items()))
        message = messages.popleft()
        if messages:
            self._ready.move_to_end(group)
        else:
            del self._ready[group]
        return message

    def _give_up(self, message: Message) -> None:
        message.gone = True
        del self._messages[message.id]
        if self.dead_letters is not None:
            self.dead_letters.send(message.body, group=message.group)

    def _by_handle(self, handle: str) -> Message | None:
        message = self._messages.get(handle.partition("#")[0])
        return message if message and message.handle == handle else None


def _current(at: datetime, message: Message) -> bool:
    return not message.gone and message.hidden_until == at
