"""Functions that run side by side on a fake clock, one at a time: every run the same.

Each runs on a thread of its own, so that the code under test may wait in the middle of whatever it
does. Only one of them ever runs: who waits hands over, and the earliest that is due goes on.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from threading import Lock, Thread
from typing import Any, ClassVar

from tests.engine.clock import FakeClock


class Crash(BaseException):
    """A process dies here: no service may catch it, and nothing after it happens."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the threads of ``invocation``: those die together."""

    invocation: int
    number: int


class _Worker:
    """A thread that runs one function after the other, each when it is told to go on.

    Threads are dear to make: those that have nothing to do are kept for the next world.
    """

    idle: ClassVar[list[_Worker]] = []
    actors: Actors
    function: Callable[[], None]
    doomed: Callable[[], bool]
    waits_for: object
    lane: Lane

    def __init__(self) -> None:
        self.go = Lock()
        self.go.acquire()
        Thread(target=self._run, daemon=True).start()

    @classmethod
    def hired(cls, actors: Actors, function: Callable[[], None], lane: Lane) -> _Worker:
        worker = cls.idle.pop() if cls.idle else cls()
        worker.lane = lane
        worker.actors = actors
        worker.function = function
        worker.doomed = _never
        worker.waits_for = None
        return worker

    def _run(self) -> None:
        while True:
            self.go.acquire()
            try:
                if not self.doomed():
                    self.function()
            except Crash:
                pass  # whoever started it has made of that what is to be made
            except BaseException as error:  # noqa: BLE001 - raised again where the test runs
                self.actors.failure = error
            actors = self.actors
            self.idle.append(self)
            actors.hand_back(self)


class Actors:
    """What is due, in order. `at` and `start` add to it, `run_until` lets it happen.

    ``settle`` is called after each thing that happened and says when, if ever, it wants to be
    called next: queues hand out what has become visible there.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.settle: Callable[[], datetime | None] = lambda: None
        self.failure: BaseException | None = None
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._main = Lock()
        self._main.acquire()
        self._current: _Worker | None = None
        self._busy: set[_Worker] = set()
        self._end = clock.now

    # -- from outside ------------------------------------------------------------------------------

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """``action`` happens then; it must not wait."""
        heapq.heappush(self._due, (when, next(self._numbers), action))

    def start(self, when: datetime, function: Callable[[], None]) -> None:
        """``function`` begins then; it may wait."""
        self.at(when, lambda: self.resume(self._worker(function)))

    def run_until(self, end: datetime, enough: Callable[[], bool] = lambda: False) -> None:
        """Lets everything happen that is due by ``end``, or until that is ``enough``."""
        self._end = end
        while not enough():
            wanted = self.settle()
            due = self._due[0][0] if self._due else None
            if wanted is not None and (due is None or wanted < due):
                if wanted > end:
                    break
                self._move(wanted)
                continue
            if due is None or due > end:
                break
            self._move(due)
            heapq.heappop(self._due)[2]()
            if self.failure is not None:
                raise self.failure
        else:
            return
        self._move(end)

    def close(self) -> None:
        """Ends all that goes on, whatever it waits for."""
        for worker in sorted(self._busy, key=id):
            worker.doomed = _always
            self.resume(worker)

    # -- from inside -------------------------------------------------------------------------------

    @property
    def lane(self) -> Lane | None:
        """Where whoever asks is running; None for what is not started but only happens."""
        return self._current.lane if self._current else None

    @property
    def running(self) -> set[int]:
        """The invocations that have not ended."""
        return {worker.lane.invocation for worker in self._busy}

    def sleep(self, wait: timedelta) -> None:
        """Lets others run until ``wait`` is over. Raises Crash for one whose process has died."""
        worker = self.awake()
        until = self.clock.now + wait
        if self._nothing_comes_before(until) and not worker.doomed():
            self._move(until)  # handing over is dear
            return
        self.at(until, partial(self.resume, worker))
        self.pause(worker)

    def crew(self, places: int) -> _Crew:
        """`hookline.ports.Crew` for whoever is running. Where one of it fails, all of it dies."""
        return _Crew(self, places)

    def help(
        self, parent: _Worker, function: Callable[[], None], doomed: Callable[[], bool]
    ) -> None:
        """Another thread of the parent's invocation begins on ``function``."""
        worker = self._worker(function, parent.lane.invocation)
        worker.doomed = doomed
        self.at(self.clock.now, partial(self.resume, worker))

    def hand_back(self, worker: _Worker) -> None:
        """Told by a thread that has done with its function."""
        self._busy.discard(worker)
        self._main.release()

    def _worker(self, function: Callable[[], None], invocation: int | None = None) -> _Worker:
        number = next(self._numbers)
        lane = Lane(number if invocation is None else invocation, number)
        worker = _Worker.hired(self, function, lane)
        self._busy.add(worker)
        return worker

    def awake(self) -> _Worker:
        if self._current is None:
            raise RuntimeError("only what was started may wait")
        return self._current

    def resume(self, worker: _Worker) -> None:
        before, self._current = self._current, worker
        worker.go.release()
        self._main.acquire()
        self._current = before

    def pause(self, worker: _Worker) -> None:
        self._main.release()
        worker.go.acquire()
        if worker.doomed():
            raise Crash

    def _nothing_comes_before(self, when: datetime) -> bool:
        wanted = self.settle()
        due = self._due[0][0] if self._due else None
        return when <= self._end and not any(at and at <= when for at in (wanted, due))

    def _move(self, when: datetime) -> None:
        self.clock.now = max(self.clock.now, when)


class _Crew:
    def __init__(self, actors: Actors, places: int) -> None:
        self._actors = actors
        self._free = places
        self._waiting: deque[Callable[[], Any]] = deque()
        self._done: list[Any] = []
        self._failure: BaseException | None = None
        self._parent = actors.awake()
        self._waits = 0

    def start(self, work: Callable[[], Any]) -> None:
        self._waiting.append(work)
        if self._free:
            self._free -= 1
            self._actors.help(self._parent, self._work_off, self.has_failed)

    def done(self, within: timedelta) -> Sequence[Any]:
        if not self._done and self._failure is None:
            self._waits += 1
            # Whatever ends first: a piece of work, or the time.
            now = self._actors.clock.now
            self._actors.at(now + within, partial(self._wake, self._waits))
            self._parent.waits_for = self
            self._actors.pause(self._parent)
        if self._failure is not None:
            raise self._failure
        done, self._done = self._done, []
        return done

    def has_failed(self) -> bool:
        return self._failure is not None

    def _work_off(self) -> None:
        try:
            while self._waiting and self._failure is None:
                done = self._waiting.popleft()()
                self._done.append(done)
                self._wake(self._waits)
        except BaseException as error:  # noqa: BLE001 - raised again in the parent
            self._failure = self._failure or error
        self._free += 1
        self._wake(self._waits)

    def _wake(self, wait: int) -> None:
        if self._parent.waits_for is self and wait == self._waits:
            self._parent.waits_for = None
            self._actors.at(self._actors.clock.now, partial(self._actors.resume, self._parent))


def _never() -> bool:
    return False


def _always() -> bool:
    return True
