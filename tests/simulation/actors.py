"""Functions that run side by side on a fake clock, one at a time: every run the same.

Each runs on a thread of its own, so that the code under test may wait in the middle of whatever it
does. Only one of them ever runs: who waits hands over, and the earliest that is due goes on.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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

    # -- from outside ------------------------------------------------------------------------------

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """``action`` happens then; it must not wait."""
        heapq.heappush(self._due, (when, next(self._numbers), action))

    def start(self, when: datetime, function: Callable[[], None]) -> None:
        """``function`` begins then; it may wait."""
        self.at(when, lambda: self._resume(self._worker(function)))

    def run_until(self, end: datetime, enough: Callable[[], bool] = lambda: False) -> None:
        """Lets everything happen that is due by ``end``, or until that is ``enough``."""
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
            self._resume(worker)

    # -- from inside -------------------------------------------------------------------------------

    @property
    def lane(self) -> Lane | None:
        """Where whoever asks is running; None for what is not started but only happens."""
        return self._current.lane if self._current else None

    def sleep(self, wait: timedelta) -> None:
        """Lets others run until ``wait`` is over. Raises Crash for one whose process has died."""
        worker = self._awake()
        self.at(self.clock.now + wait, partial(self._resume, worker))
        self._pause(worker)

    def side_by_side[Item, Result](
        self, width: int, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]:
        """`hookline.ports.Concurrently`: ``width`` at once, results once all have come.

        Where one fails, the others die with it.
        """
        waiting = deque(items)
        if len(waiting) < 2:
            yield from map(function, waiting)
            return
        parent = self._awake()
        group = _Group[Item, Result](function, waiting, min(width, len(waiting)))
        for _ in range(group.running):
            worker = self._worker(lambda: self._work_off(group, parent), parent.lane.invocation)
            worker.doomed = group.has_failed
            self.at(self.clock.now, partial(self._resume, worker))
        parent.waits_for = group
        self._pause(parent)
        if group.failure is not None:
            raise group.failure
        yield from group.results

    def hand_back(self, worker: _Worker) -> None:
        """Told by a thread that has done with its function."""
        self._busy.discard(worker)
        self._main.release()

    def _work_off(self, group: _Group[Any, Any], parent: _Worker) -> None:
        try:
            while group.waiting and group.failure is None:
                group.results.append(group.function(group.waiting.popleft()))
        except BaseException as error:  # noqa: BLE001 - raised again in the parent
            group.failure = group.failure or error
        group.running -= 1
        if parent.waits_for is group and (not group.running or group.failure):
            parent.waits_for = None
            self.at(self.clock.now, partial(self._resume, parent))

    def _worker(self, function: Callable[[], None], invocation: int | None = None) -> _Worker:
        number = next(self._numbers)
        lane = Lane(number if invocation is None else invocation, number)
        worker = _Worker.hired(self, function, lane)
        self._busy.add(worker)
        return worker

    def _awake(self) -> _Worker:
        if self._current is None:
            raise RuntimeError("only what was started may wait")
        return self._current

    def _resume(self, worker: _Worker) -> None:
        before, self._current = self._current, worker
        worker.go.release()
        self._main.acquire()
        self._current = before

    def _pause(self, worker: _Worker) -> None:
        self._main.release()
        worker.go.acquire()
        if worker.doomed():
            raise Crash

    def _move(self, when: datetime) -> None:
        self.clock.now = max(self.clock.now, when)


@dataclass(slots=True)
class _Group[Item, Result]:
    """Items that are worked on side by side, and what came of them."""

    function: Callable[[Item], Result]
    waiting: deque[Item]
    running: int
    results: list[Result] = field(default_factory=list)
    failure: BaseException | None = None

    def has_failed(self) -> bool:
        return self.failure is not None


def _never() -> bool:
    return False


def _always() -> bool:
    return True
