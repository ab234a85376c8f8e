"""A process dies with no call on the wire, while a delivery is held, let go or postponed: whatever
messages come back, each delivery is called once.

The messages come back six minutes later. The delivery is let go so that its call, of nine seconds,
is on the wire just then: a second message that is still good would make a second call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.lease import LEASE
from tests.simulation.accounts import account
from tests.simulation.endpoints import BROKEN, OK, Reply, always, in_turn
from tests.simulation.stories import insist
from tests.simulation.test_crashes import CrashBefore, a_world
from tests.simulation.world import MINUTE, SECOND, World

SLOW = always(Reply(200, after=9 * SECOND))
COMES_BACK = timedelta(seconds=360)


@dataclass(frozen=True, slots=True)
class Course:
    """``scene`` comes undisturbed; a process dies in ``held``, which takes some seconds; ``let_go``
    happens just before the first message comes back."""

    scene: Callable[[World], None]
    held: Callable[[World], None]
    let_go: Callable[[World], None]


def _switched_off(world: World) -> None:
    world.mappings["deliveries"].off = True
    webhook_id = world.webhook("slow", SLOW)
    world.publish()
    world.run_for(SECOND)
    world.edit(webhook_id, enabled=False)


def _senders_come(world: World) -> None:
    world.mappings["deliveries"].off = False
    world.run_for(5 * SECOND)


def _switch_on(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    insist(world, lambda: world.edit(webhook.id, enabled=True))


def _switched_on_and_off_again(world: World) -> None:
    _switched_off(world)
    _senders_come(world)
    _switch_on(world)


def _switch_off(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    world.mappings["retries"].off = True
    world.run_for(SECOND)
    insist(world, lambda: world.edit(webhook.id, enabled=False))
    world.mappings["retries"].off = False
    world.run_for(5 * SECOND)


def _limited(world: World) -> None:
    # A call longer than the slots are apart: another message would find the next one, and call too.
    world.webhook(
        "slow",
        in_turn(OK, Reply(200, after=15 * SECOND)),
        rate_limit={"per_second": 0.1},
        timeout_seconds=20,
    )
    world.publish()
    world.run_for(5 * SECOND)
    world.mappings["deliveries"].off = True
    world.publish()
    world.run_for(SECOND)
    world.mappings["retries"].off = True


def _slots_are_found(world: World) -> None:
    world.mappings["retries"].off = False
    world.run_for(SECOND)


def _circuit_opened(world: World) -> None:
    world.webhook("slow", always(BROKEN), retry={"initial_delay_seconds": 5, "multiplier": 1})
    for _ in range(4):
        world.publish()
    world.run_for(30 * SECOND)
    world.mappings["deliveries"].off = True
    world.publish()
    world.run_for(SECOND)


def _up_again(world: World) -> None:
    world.endpoints.behaviours["slow"] = SLOW


COURSES = {
    "held by a switch": Course(_switched_off, _senders_come, _switch_on),
    "let go": Course(_switched_on_and_off_again, _switch_off, _switch_on),
    "postponed": Course(_limited, _senders_come, _slots_are_found),
    "held by a circuit": Course(_circuit_opened, _senders_come, _up_again),
}


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("before", [timedelta(seconds=4), timedelta(seconds=9)], ids=str)
def test_a_crash_with_no_call_on_the_wire_repeats_none(name: str, before: timedelta) -> None:
    step, crashed = 0, True
    while crashed:
        step += 1
        crashed = _told(COURSES[name], step, before)
    assert step > 3


def _told(course: Course, step: int, before: timedelta) -> bool:
    """Whether there was such a step to die before."""
    with a_world() as world:
        course.scene(world)
        begun = world.clock.now
        crash = world.steps.hook = CrashBefore(world, step)
        course.held(world)
        world.steps.hook = lambda _call, _moment: None
        if not crash.crashes or crash.unwritten:
            return bool(crash.crashes)
        world.run_until(begun + COMES_BACK - before)
        course.let_go(world)
        world.run_for(2 * LEASE + 10 * MINUTE)
        told = account(world)
        assert set(told.statuses) == {Status.SUCCESS}, (crash.crashes, told.statuses)
        waited = [one.key.id for one in world.deliveries if one.attempt_count < 3]
        calls = {id_: len(world.endpoints.calls[id_]) for id_ in waited}
        assert set(calls.values()) == {1}, (crash.crashes, calls)
        return True
