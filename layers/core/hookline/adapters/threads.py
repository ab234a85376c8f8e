"""Running calls side by side on threads: they hide waiting, which is what calls mostly do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed


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
