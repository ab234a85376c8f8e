"""Works on a batch of the delivery or retry queue, and on more while calls keep it waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from hookline.domain.delivery.call import LONGEST_CALL
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.webhook.health import SLOW
from hookline.errors import Unavailable
from hookline.ports import Clock, Crew
from hookline.ports.sending import RetryTimers, Snapshots
from hookline.ports.webhooks import WebhookHealth
from hookline.services.delivery.deliver_one import DeliverOne
from hookline.services.delivery.lanes import MARGIN, Lane, Lanes, Waiting
from hookline.services.delivery.messages import (
    Found,
    Handled,
    Inbox,
    LeaveIt,
    Reading,
    Received,
    Timing,
)
from hookline.services.webhook.health import TellCircuit

_AT_ONCE = 10
"""Messages that a queue hands out at once."""

LOOKS_UP = timedelta(milliseconds=100)
"""How often an invocation checks for more work. A call that takes longer than this counts as
waiting: more messages may be received beside it."""

_LONGEST_PAUSE = timedelta(seconds=1)
"""Between two receives that find the queue empty; the first pause is a tenth of that."""

type Then = Callable[[], Sequence[Handled]]
"""What to do once a piece of work has ended; returns the messages that are finished. It runs in the
thread that waits for the crew, never two at once."""


class Deliver:
    """Reads what a batch needs at once, makes its calls concurrently, schedules each retry at once.

    A message that is not returned as acknowledged becomes visible again: a crash repeats at most
    the calls that were under way or whose result was not written yet.

    A slow call costs a thread, not an invocation: while one waits, more messages are received.
    """

    def __init__(
        self,
        *,
        snapshots: Snapshots,
        deliver_one: DeliverOne,
        timers: RetryTimers,
        health: WebhookHealth,
        tell: TellCircuit,
        crew: Callable[[], Crew[Any]],
        places: int,
        clock: Clock,
    ) -> None:
        self._reading = Reading(snapshots, clock)
        self._deliver_one = deliver_one
        self._timers = timers
        self._health = health
        self._tell = tell
        self._crew = crew
        self._places = places
        self._clock = clock

    def __call__(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta], inbox: Inbox
    ) -> Iterator[Handled]:
        """The result of each message as soon as it is there; ``remaining`` is the time left.

        ``inbox`` receives more from the same queue. Lambda does not know of those messages: they
        are deleted here.
        """
        lanes = Lanes(self._deliver_one, self._health, self._tell, self._clock, remaining)
        hand = MessagesInHand(
            crew=self._crew(),
            places=self._places,
            reading=self._reading,
            lanes=lanes,
            timing=Timing(self._timers, inbox, self._clock),
            inbox=inbox,
            remaining=remaining,
            clock=self._clock,
        )
        hand.take(messages)
        while hand.busy:
            yield from hand.finished()


class MessagesInHand:
    """The messages of one invocation: starts work on them as places get free. For one thread."""

    def __init__(
        self,
        *,
        crew: Crew[Then],
        places: int,
        reading: Reading,
        lanes: Lanes,
        timing: Timing,
        inbox: Inbox,
        remaining: Callable[[], timedelta],
        clock: Clock,
    ) -> None:
        self._crew = crew
        self._places = places
        self._reading = reading
        self._lanes = lanes
        self._timing = timing
        self._inbox = inbox
        self._remaining = remaining
        self._clock = clock
        self._jobs = 0
        self._repeats: dict[DeliveryKey, list[Received]] = {}
        self._untold: list[Handled] = []
        self._receiving = False
        self._last_was_full = False
        self._pause = _LONGEST_PAUSE / 10
        self._receives_at = clock()

    @property
    def busy(self) -> bool:
        """Whether any work is under way."""
        return self._jobs > 0

    def take(self, messages: Sequence[Received]) -> None:
        """Starts on them. A second message for a delivery waits until the first is finished."""
        self._last_was_full = len(messages) >= _AT_ONCE
        fresh = []
        for message in messages:
            waits = self._repeats.get(message.task.key)
            if waits is None:
                self._repeats[message.task.key] = []
                fresh.append(message)
            else:
                waits.append(message)
        if fresh:
            self._start(partial(self._read, fresh))

    def finished(self) -> Iterator[Handled]:
        """Waits a moment for work to end; returns the messages that are finished."""
        for then in self._crew.done(LOOKS_UP):
            self._jobs -= 1
            yield from then()
        if self._untold:
            told, self._untold = self._untold, []
            self._start(partial(self._tell, told))
        for lane in self._lanes.waited(LOOKS_UP):
            if lane.longest(self._clock()) >= SLOW:
                self._tell_slow(lane)
            self._fill(lane)
        if self._may_receive():
            self._receiving = True
            self._start(self._receive)

    def _start(self, work: Callable[[], Then]) -> None:
        self._jobs += 1
        self._crew.start(work)

    # -- reading ---------------------------------------------------------------------------------

    def _read(self, messages: Sequence[Received]) -> Then:
        found = self._reading(messages)
        return partial(self._place, found)

    def _place(self, found: Found) -> Sequence[Handled]:
        for apart in found.apart:
            self._start(partial(self._read, apart))
        for lane in self._lanes.place(found.work):
            self._fill(lane)
        return [done for one in found.handled for done in self._settled(one)]

    # -- working ---------------------------------------------------------------------------------

    def _fill(self, lane: Lane) -> None:
        for waiting in self._lanes.next_of(lane):
            self._start(partial(self._work, lane, waiting))

    def _work(self, lane: Lane, waiting: Waiting) -> Then:
        handled = self._lanes.work(lane, waiting, self._reading)
        return partial(self._worked, lane, handled)

    def _worked(self, lane: Lane, handled: Handled) -> Sequence[Handled]:
        lane.running -= 1
        if handled.attempt is not None and handled.attempt.duration >= SLOW:
            self._tell_slow(lane)
        self._fill(lane)
        if not lane.running and lane.watch.has_news:
            self._start(partial(self._report, lane))
        return self._settled(handled)

    def _report(self, lane: Lane) -> Then:
        self._lanes.report(lane)
        return _nothing

    def _tell_slow(self, lane: Lane) -> None:
        if lane.watch.turns_slow(self._clock()):
            self._start(partial(self._mark, lane))

    def _mark(self, lane: Lane) -> Then:
        with suppress(Unavailable):  # this invocation knows; the next one finds out by itself
            lane.watch.mark_slow(self._clock())
        return _nothing

    # -- telling the queues ----------------------------------------------------------------------

    def _settled(self, handled: Handled) -> Sequence[Handled]:
        repeats = self._repeats.pop(handled.message.task.key, ())
        if repeats:
            self._start(partial(self._read, repeats[:1]))
            self._repeats[handled.message.task.key] = repeats[1:]
        if not self._timing.needed(handled):
            return [handled]
        self._untold.append(handled)
        return ()

    def _tell(self, untold: Sequence[Handled]) -> Then:
        try:
            told = self._timing(untold)
        except Exception as error:  # noqa: BLE001 - the calls of the others go on
            told = [
                Handled(one.message, "broken", LeaveIt(), repr(error), error=error)
                for one in untold
            ]
        return lambda: told

    # -- receiving more --------------------------------------------------------------------------

    def _may_receive(self) -> bool:
        # Only while all work waits for endpoints: more would compete for the processor. A queue
        # that filled the last batch is asked at once, others once a call has kept us waiting.
        after = timedelta() if self._last_was_full else LOOKS_UP
        return (
            not self._receiving
            and self._jobs == self._lanes.on_the_wire
            and not self._lanes.waiting
            and bool(self._lanes.waited(after))
            and self._clock() >= self._receives_at
            and self._jobs + _AT_ONCE <= self._places
            and self._remaining() > LONGEST_CALL + MARGIN
        )

    def _receive(self) -> Then:
        try:
            messages = self._inbox.receive(_AT_ONCE)
        except Unavailable:
            messages = ()
        return partial(self._received, messages)

    def _received(self, messages: Sequence[Received]) -> Sequence[Handled]:
        self._receiving = False
        if messages:
            self._pause = _LONGEST_PAUSE / 10
            self._receives_at = self._clock()
        else:
            self._receives_at = self._clock() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self.take(messages)
        return ()


def _nothing() -> Sequence[Handled]:
    return ()
