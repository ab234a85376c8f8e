"""Ten days of an endpoint that fails (reference row AP-6): when it is called, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from hookline.domain.delivery.backoff import JITTER
from hookline.domain.delivery.delivery import Delivery, Status
from tests.simulation.accounts import account
from tests.simulation.endpoints import BROKEN, Behaviour, always, fine
from tests.simulation.test_crashes import a_world
from tests.simulation.world import DAY, HOUR, MINUTE, SECOND, World

LATE = MINUTE + 2 * SECOND
"""The scheduler comes by every minute; what is due then is called at once."""


def nominal_waits() -> list[timedelta]:
    """The default policy: 5 s, three times as long each time, 12 hours at most."""
    waits: list[timedelta] = []
    seconds = 5.0
    while sum(waits, timedelta()) < 10 * DAY:
        waits.append(timedelta(seconds=min(seconds, 43_200)))
        seconds *= 3
    return waits


def the_delivery(world: World) -> Delivery:
    (delivery,) = world.deliveries
    return delivery


def times(world: World, delivery: Delivery) -> list[timedelta]:
    """Of its calls, from its creation on."""
    return [call.at - delivery.created_at for call in world.endpoints.calls[delivery.key.id]]


def test_one_delivery_is_attempted_by_its_policy_for_ten_days_then_fails() -> None:
    with a_world() as world:
        world.webhook("dead", always(BROKEN))
        world.publish()
        world.run_for(10 * DAY - MINUTE)
        assert the_delivery(world).status is Status.RETRYING
        assert not world.engine.dead_letter_queue.bodies
        world.run_for(3 * MINUTE)
        delivery = the_delivery(world)
        called = times(world, delivery)
        for wait, nominal in zip(map(_between, pairwise(called)), nominal_waits(), strict=False):
            assert nominal * (1 - JITTER) <= wait <= nominal * (1 + JITTER) + LATE
        assert called[-1] < 10 * DAY <= called[-1] + nominal_waits()[-1] * (1 + JITTER)
        assert delivery.status is Status.FAILED
        assert delivery.finished_at is not None
        assert timedelta() <= delivery.finished_at - delivery.expires_at <= LATE
        assert delivery.attempt_count == len(called)
        (letter,) = world.engine.dead_letter_queue.bodies
        assert delivery.key.id in letter


@pytest.mark.parametrize(("answer", "ends"), [(always(BROKEN), "failed"), (fine, "success")])
def test_a_redriven_dead_letter_is_attempted_exactly_once_more(
    answer: Behaviour, ends: str
) -> None:
    with a_world() as world:
        world.webhook("dead", always(BROKEN))
        world.publish()
        world.run_for(10 * DAY + 2 * MINUTE)
        before = the_delivery(world).attempt_count
        world.endpoints.behaviours["dead"] = answer
        world.engine.dead_letter_queue.move_all_to(world.engine.delivery_queue)
        world.run_for(DAY)
        delivery = the_delivery(world)
        assert delivery.attempt_count == before + 1
        assert delivery.status == ends
        assert len(world.engine.dead_letter_queue.bodies) == (ends == "failed")


def test_of_many_deliveries_none_is_attempted_before_its_policy_says_so() -> None:
    with a_world() as world:
        # One endpoint for all of them: its circuit opens, and probes are attempts as all others.
        world.webhook("dead", always(BROKEN), retry={"max_age_seconds": 86_400})
        for _ in range(12):
            world.publish()
        world.run_for(DAY + HOUR)
        assert len(world.endpoints.times["dead"]) > 4 * 12
        for delivery in world.deliveries:
            waits = map(_between, pairwise(times(world, delivery)))
            for wait, nominal in zip(waits, nominal_waits(), strict=False):
                assert wait >= nominal * (1 - JITTER)
        assert account(world).statuses == {Status.FAILED: 12}


def _between(pair: tuple[timedelta, timedelta]) -> timedelta:
    first, second = pair
    return second - first
