"""What may go wrong with a call to AWS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from hookline.errors import Unavailable
from tests.engine.steps import Again, Call, Later, Moment, Partly
from tests.simulation.world import World

OUTAGE = timedelta(minutes=3)

A_WAIT = timedelta(seconds=1)
"""Of botocore's, before it repeats a call."""

A_WHILE = timedelta(seconds=10)
"""How late a call is done that its caller has given up."""

UNCONDITIONAL = frozenset({"new_deliveries.create", "new_deliveries.create_some"})
"""Writes over what is there: BatchWriteItem knows no conditions."""


class Fault:
    """A hook that lets calls of one name fail, from the first such call on."""

    def __init__(self, name: str, world: World) -> None:
        self.hit = 0
        self._name = name
        self._world = world
        self._began_at: datetime | None = None

    def __call__(self, call: Call, moment: Moment) -> Partly | Again | Later | None:
        if call.name != self._name:
            return None
        if self._began_at is None:
            self._began_at = self._world.clock.now
        return self.fail(call, moment)

    def fail(self, call: Call, moment: Moment) -> Partly | Again | Later | None:
        raise NotImplementedError

    def strike(self) -> None:
        self.hit += 1
        raise Unavailable(f"{self._name}: {type(self).__name__}")

    @property
    def lasts(self) -> bool:
        return self._began_at is not None and self._world.clock.now - self._began_at < OUTAGE


class NeverSent(Fault):
    """One call does not reach AWS."""

    def fail(self, call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE and not self.hit:
            self.strike()


class ReplyLost(Fault):
    """One call is done, and its caller is not told."""

    def fail(self, call: Call, moment: Moment) -> None:
        if moment is Moment.AFTER and not self.hit:
            self.strike()


class Repeated(Fault):
    """The same, and botocore repeats the call when it has waited: meanwhile others go on."""

    def fail(self, call: Call, moment: Moment) -> Again | None:
        if moment is Moment.BEFORE or self.hit:
            return None
        self.hit += 1
        if self._world.actors.lane is not None:
            self._world.actors.sleep(A_WAIT)
        return Again()


class LandsLate(Fault):
    """One call is given up, and AWS does it even so a while later, whatever has come between."""

    def fail(self, call: Call, moment: Moment) -> Later | None:
        if self.hit or moment is (Moment.BEFORE if call.name in UNCONDITIONAL else Moment.AFTER):
            return None
        self.hit += 1
        if call.name not in UNCONDITIONAL:
            return Later(self._later)
        # Its adapter looked, wrote what was not there yet, and went on.
        self._later(partial(self._world.engine.deliveries_table.overwrite, call.given[0]))
        return None

    def _later(self, act: Callable[[], object]) -> None:
        def land() -> None:
            act()

        self._world.actors.at(self._world.clock.now + A_WHILE, land)


class Throttled(Fault):
    """None is taken for a while."""

    def fail(self, call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE and self.lasts:
            self.strike()


class ServerError(Fault):
    """All answer 5xx for a while: every other one has been done."""

    def fail(self, call: Call, moment: Moment) -> None:
        if self.lasts and moment is (Moment.AFTER if self.hit % 2 else Moment.BEFORE):
            self.strike()


class Partial(Fault):
    """One call that is given several items does the first of them, and no more."""

    def fail(self, call: Call, moment: Moment) -> Partly | Again | Later | None:
        if moment is Moment.BEFORE and call.items > 1 and not self.hit:
            self.hit += 1
            return Partly(1)
        return None


FAULTS: tuple[type[Fault], ...] = (
    *(NeverSent, ReplyLost, Repeated, LandsLate),
    *(Throttled, ServerError, Partial),
)
