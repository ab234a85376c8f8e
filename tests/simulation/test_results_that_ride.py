"""Writes of results are refused for as long as you like: no call is made twice for that."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.errors import Unavailable
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import account
from tests.simulation.endpoints import BROKEN, OK, Behaviour, fine, in_turn
from tests.simulation.scale import publish_steadily
from tests.simulation.test_crashes import a_world
from tests.simulation.world import HOUR, MINUTE


@pytest.mark.parametrize("share", [1.0, 0.5], ids=["all", "half of them"])
@pytest.mark.parametrize("lasts", [5 * MINUTE, 40 * MINUTE], ids=["5 min", "40 min"])
def test_no_call_is_repeated_because_a_write_was_throttled(share: float, lasts: timedelta) -> None:
    calls = _calls_of_each(fine, share, lasts)
    assert set(calls) == {1}


def test_what_failed_while_writes_were_throttled_is_retried_as_often_as_else() -> None:
    assert _calls_of_each(in_turn(BROKEN, OK), 1.0, 5 * MINUTE, count=1) == {2: 1}


def _calls_of_each(
    behaviour: Behaviour, share: float, lasts: timedelta, count: int = 30
) -> Counter[int]:
    with a_world() as world:
        world.webhook("hot", behaviour)
        until = world.clock.now + lasts

        def hook(call: Call, moment: Moment) -> None:
            throttled = call.name == "delivery_changes.replace" and world.clock.now < until
            if throttled and moment is Moment.BEFORE and world.random.random() < share:
                raise Unavailable("ThrottlingException")

        world.steps.hook = hook
        publish_steadily(world, "any", count=count, per_second=10)
        world.run_for(lasts + HOUR)
        told = account(world)
        assert set(told.statuses) == {Status.SUCCESS}
        assert not told.lost
        return Counter(len(calls) for calls in world.endpoints.calls.values())
