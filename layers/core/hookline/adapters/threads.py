"""Running calls side by side on threads: they hide waiting, which is what calls mostly do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hookline.ports import Crew


class Threads:
    """The port `Concurrently`: ``count`` threads, made as they are needed and then kept."""

    def __init__(self, count: int) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="call")

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]:
        """Starts in the order of ``items``, as many at once as there are threads."""
        futures = [self._executor.submit(function, item) for item in items]
        try:
            for done in as_completed(futures):
                yield done.result()
        finally:
            for future in futures:
                future.cancel()

    def crew(self) -> Crew[Any]:
        """A crew whose places are these threads."""
        return _ThreadCrew(self._executor)


class _ThreadCrew:
    """The port `Crew`."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor
        self._ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def start(self, work: Callable[[], Any]) -> None:
        """Begins at once where a thread is free."""
        self._executor.submit(work).add_done_callback(self._ended.put)

    def done(self, within: timedelta) -> Sequence[Any]:
        """In the order in which they ended."""
        found: list[Any] = []
        with suppress(Empty):
            found.append(self._ended.get(timeout=within.total_seconds()).result())
            while True:
                found.append(self._ended.get_nowait().result())
        return found
