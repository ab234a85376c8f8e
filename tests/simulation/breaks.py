"""What goes wrong once it is due: a process dies, a reply is lost, calls are throttled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hookline.errors import Unavailable
from tests.engine.steps import Call, Moment
from tests.simulation.actors import Crash
from tests.simulation.watches import Touched
from tests.simulation.world import World

type Break = Callable[[Call, Moment], None]


class Breaks:
    """Lets the next step that one of them is about go wrong; ``hook`` is to see every step."""

    def __init__(self, world: World, touched: Touched) -> None:
        self.crashes_in_calls = 0
        self._world = world
        self._touched = touched
        self._armed: list[Break] = []

    def hook(self, call: Call, moment: Moment) -> None:
        """Every call of every port passes here, before and after."""
        for one in list(self._armed):
            one(call, moment)

    def crash(self, after: int) -> None:
        """Whoever takes the step after so many dies before it."""
        counted = 0

        def crash(_call: Call, moment: Moment) -> None:
            nonlocal counted
            if moment is Moment.BEFORE:
                counted += 1
                if counted > after:
                    self._crash(crash)

        self._armed.append(crash)

    def crash_in_a_call(self) -> None:
        """Whoever takes a step next while its invocation has a call on the wire dies before it."""

        def crash(_call: Call, moment: Moment) -> None:
            if moment is Moment.BEFORE and self._touched.on_the_wire():
                self._crash(crash)

        self._armed.append(crash)

    def lose_a_reply(self, after: int) -> None:
        """The step after so many is done, and its caller is not told."""
        counted = 0

        def lose(call: Call, moment: Moment) -> None:
            nonlocal counted
            counted += moment is Moment.AFTER
            if counted > after and moment is Moment.AFTER and call.name != "endpoint.call":
                self._armed.remove(lose)
                self._touched.unavailable()
                raise Unavailable(f"{call.name}: the reply got lost")

        self._armed.append(lose)

    def throttle(self, which: int, lasts: timedelta) -> None:
        """No call of one name is taken for a while."""
        names = [name for name in self._world.steps.names if name != "endpoint.call"]
        name = sorted(names)[which % len(names)]
        until = self._world.clock.now + lasts

        def throttle(call: Call, moment: Moment) -> None:
            if (call.name, moment) == (name, Moment.BEFORE) and self._world.clock.now < until:
                self._touched.unavailable()
                raise Unavailable(f"{name}: throttled")

        self._armed.append(throttle)

    def _crash(self, crash: Break) -> None:
        self._armed.remove(crash)
        self.crashes_in_calls += bool(self._touched.on_the_wire())
        self._touched.crash()
        raise Crash
