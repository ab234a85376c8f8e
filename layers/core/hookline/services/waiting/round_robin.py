"""Work for many, step by step in turn: one that fails or takes long does not block the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hookline.domain.ids import TenantId
from hookline.errors import Unavailable
from hookline.ports.identity import Tenants

_PAGE = 100

_OUTAGE = 3
"""Failures of AWS in one round, after which it counts as unavailable for all. A single one may be
due to one item, edited by hand, that AWS refuses to change."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Whose work ended with an error: most likely one of their items cannot be read."""

    whose: str
    error: Exception


class RoundRobin:
    """One round; ``failed`` holds those that ended with an error.

    ``cut_short``: the round ended before everybody's work was done.
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
        """The result of each step: one step of everybody, then a second of those that have one.

        Whoever raises is out of the round. Raises Unavailable in an outage, which concerns
        everybody.
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
    """All that are not closed, newest first, read page by page as needed.

    Raises Unavailable.
    """
    before: str | None = None
    while True:
        page, before = tenants.page(_PAGE, before)
        yield from (tenant.id for tenant in page)
        if before is None:
            return
