"""What one invocation has in hand, from a message's coming to its being done with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from hookline.domain.delivery.call import LONGEST_CALL
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.webhook.health import SLOW
from hookline.errors import Unavailable
from hookline.services.delivery.delivery_messages import Handled, Inbox, LeaveIt, Received
from hookline.services.delivery.lanes import MARGIN, Lane, Lanes, Waiting
from hookline.services.delivery.reading import Found, Reading
from hookline.services.delivery.timing import Timing

if TYPE_CHECKING:
    from hookline.ports import Clock, Crew

_AT_ONCE = 10
"""Messages that a queue hands out at once."""

LOOKS_UP = timedelta(milliseconds=100)
"""How often an invocation looks up from its calls, and how long one is under way when it is taken
to wait: the places beside it are free for more."""

_LONGEST_PAUSE = timedelta(seconds=1)
"""Between two receives that find the queue empty; the first pause is a tenth of that."""

type Then = Callable[[], Sequence[Handled]]
"""What follows a piece of work, and answers the messages that are done with: only who waits for
the crew does it, one after the other."""


class MessagesInHand:
    """Starts work as there is room for it. Not to be shared between threads."""

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
        """Whether anything is to be waited for."""
        return self._jobs > 0

    def take(self, messages: Sequence[Received]) -> None:
        """Begins on them. One for a delivery that is in hand waits for what that one writes."""
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

    def go_on(self) -> Iterator[Handled]:
        """Waits a moment for something to be done; answers what is."""
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
        # Only where all in hand waits for endpoints: more would wait here for the processor. A
        # queue that filled the last batch has more; others are asked when a call keeps us waiting.
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
