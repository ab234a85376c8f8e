"""Work for many in turns: one whose work fails or goes on keeps no other waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hookline.domain.ids import TenantId
from hookline.errors import Unavailable
from hookline.ports.identity import Tenants

_PAGE = 100

_OUTAGE = 3
"""Turns of a round that AWS fails, after which it is taken to be out and to fail all of them. One
may be the fault of an item that somebody edited, and that AWS refuses to change as asked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Whose turn ended with an error: most likely an item of theirs that cannot be read."""

    whose: str
    error: Exception


class RoundRobin:
    """The turns of one round; ``failed`` holds those that ended with an error.

    ``cut_short`` says, once it is over, that there was no time for some of them.
    """

    def __init__(self, has_time: Callable[[], bool]) -> None:
        self._has_time = has_time
        self.failed: list[Failure] = []
        self.cut_short = False

    def __call__[One, Done](
        self,
        circle: Iterable[One],
        steps: Callable[[One], Iterator[Done]],
        whose: Callable[[One], str] = str,
    ) -> Iterator[Done]:
        """What each step did. Everybody goes one step, then those that have more go a second one.

        Steps that raise are over, and the next one's turn comes. Raises Unavailable in an outage,
        which would have everybody wait.
        """
        refused = 0
        left = deque((one, steps(one)) for one in circle)
        while left and self._has_time():
            one, its = left.popleft()
            try:
                done = next(its)
            except StopIteration:
                continue
            except Exception as error:
                refused += isinstance(error, Unavailable)
                if refused == _OUTAGE:
                    raise
                self.failed.append(Failure(whose(one), error))
                continue
            left.append((one, its))
            yield done
        self.cut_short = bool(left)


def every_tenant(tenants: Tenants) -> Iterator[TenantId]:
    """All that are not closed, newest first, a page being asked for once it is needed.

    Raises Unavailable.
    """
    before: str | None = None
    while True:
        page, before = tenants.page(_PAGE, before)
        yield from (tenant.id for tenant in page)
        if before is None:
            return
