"""Work for many, step by step in turn: one that fails or takes long does not block the others."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hookline.domain.ids import TenantId
from hookline.errors import Unavailable
from hookline.ports.identity import Tenants

_PAGE = 100

_OUTAGE = 3
"""Failures of AWS in one round, after which it counts as unavailable: for a tenant after so many of
its own, for all after those of so many tenants, if nobody had a step until then. A single one may
be due to one item, edited by hand, that AWS refuses to change."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Whose work ended with an error: most likely one of their items cannot be read."""

    whose: str
    error: Exception


class RoundRobin:
    """One round, in one call or several; ``failed`` holds those that ended with an error.

    ``cut_short``: the round ended before everybody's work was done.
    """

    def __init__(self, has_time: Callable[[], bool]) -> None:
        self._has_time = has_time
        self.failed: list[Failure] = []
        self.cut_short = False
        self._refused = Counter[str]()
        self._served = False

    def __call__[One, Done](
        self,
        circle: Iterable[One],
        steps: Callable[[One], Iterator[Done]],
        whose: Callable[[One], str] = str,
        tenant: Callable[[One], str] | None = None,
    ) -> Iterator[Done]:
        """The result of each step: one step of everybody, then a second of those that have one.

        Whoever raises is out of the round; so is a ``tenant`` of whom AWS refused too much, as each
        refusal costs the others seconds. Raises Unavailable in an outage, which concerns everybody.
        """
        left = deque((one, steps(one)) for one in circle)
        while left and self._has_time():
            one, its = left.popleft()
            of = (tenant or whose)(one)
            if self._refused[of] == _OUTAGE:
                continue
            try:
                done = next(its)
            except StopIteration:
                self._served = True
                continue
            except Exception as error:
                self._refused[of] += isinstance(error, Unavailable)
                if not self._served and len(+self._refused) == _OUTAGE:
                    raise
                self.failed.append(Failure(whose(one), error))
                continue
            self._served = True
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
