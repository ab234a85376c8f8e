"""Work for many, each of whom has its turn: what one of them meets is not the others' affair."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hookline.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Failed:
    """Whose turn ended with a surprise: most likely an item of theirs that cannot be read."""

    whose: str
    error: Exception


class Turns:
    """The turns of one round; ``failed`` holds those that ended with a surprise."""

    def __init__(self, has_time: Callable[[], bool]) -> None:
        self._has_time = has_time
        self.failed: list[Failed] = []

    def __call__[One, Done](
        self,
        circle: Iterable[One],
        steps: Callable[[One], Iterator[Done]],
        whose: Callable[[One], str] = str,
    ) -> Iterator[Done]:
        """What each step did. Everybody goes one step, then those that have more go a second one.

        Steps that raise are over, and the next one's turn comes. Raises Unavailable: then AWS is
        at fault, and would have everybody wait.
        """
        left = deque((one, steps(one)) for one in circle)
        while left and self._has_time():
            one, its = left.popleft()
            try:
                done = next(its)
            except StopIteration:
                continue
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - the others' turns must not go with it
                self.failed.append(Failed(whose(one), error))
                continue
            left.append((one, its))
            yield done
