"""A process dies at any step of any path: nothing is lost, nothing is stuck, one call repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import combinations

import pytest

from hookline.domain.delivery.changing import RIDES_EVERY
from hookline.domain.lease import LEASE
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import account
from tests.simulation.actors import Crash
from tests.simulation.stories import STORIES, Story
from tests.simulation.world import MINUTE, SECOND, World

ROUNDS = MINUTE + 2 * RIDES_EVERY + 3 * SECOND
"""One round of the scheduler past a lease, and the time to deliver what it sends."""

MOST_PAIRS = 15
"""Of each story; bench/simulate.py tells all of them."""


class CrashBefore:
    """A hook: counts the steps from now on, and lets who takes one of ``fatal`` die before it.

    Whatever a process does between two of its calls changes nothing that outlives it: the places
    before each call and before its end are all the places there are. ``unwritten`` are the calls
    that had been made at a crash, and were in no log yet: those may be made once more.
    """

    def __init__(self, world: World, *fatal: int) -> None:
        self.seen: list[str] = []
        self.crashes: list[str] = []
        self.most_items: Counter[str] = Counter()
        self.unwritten = 0
        self._world = world
        self._fatal = frozenset(fatal)

    def __call__(self, call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE:
            self.seen.append(call.name)
            self.most_items[call.name] = max(self.most_items[call.name], call.items)
            if len(self.seen) in self._fatal:
                self.crashes.append(f"{call.name} (step {len(self.seen)})")
                self.unwritten += sum(account(self._world).twice.values())
                raise Crash


@contextmanager
def a_world(kind: Callable[[], World] = World) -> Iterator[World]:
    world = kind()
    yield world
    world.close()


def tell(story: Story, *fatal: int) -> CrashBefore:
    """Goes through the story with a crash before each of the ``fatal`` steps, and checks its end.

    Answers the steps that were taken."""
    crash, calls = told(story, *fatal)
    if fatal:
        most = calls_undisturbed(story) + crash.unwritten
        assert calls <= most, f"{calls} calls, not {most}, crashed before {crash.crashes}"
    return crash


@cache
def calls_undisturbed(story: Story) -> int:
    return told(story)[1]


def told(story: Story, *fatal: int) -> tuple[CrashBefore, int]:
    """`tell`, which knows how many calls there may be; here they are counted."""
    with a_world(story.world) as world:
        story.scene(world)
        crash = world.steps.hook = CrashBefore(world, *fatal)
        story.act(world)
        world.run_for(story.lasts)
        for _ in range(len(fatal)):
            world.run_for(LEASE + ROUNDS)
        end = account(world)
        what = f"crashed before {', '.join(crash.crashes)}"
        assert not end.lost, f"{end.lost}, {what}"
        assert set(end.statuses) == {story.end}, f"{end.statuses}, {what}"
        # A process makes several calls side by side: each of them may repeat, and but once.
        repeated = end.twice.values()
        assert all(0 < count <= len(crash.crashes) for count in repeated), f"{end.twice}, {what}"
        assert not world.stream.lost, what
        assert not world.unfinished, what
        # A third party that calls again has called for another time all that its call leads to.
        again = (world.taken_in - 1) * len(world.deliveries) // world.taken_in
        return crash, sum(map(len, world.endpoints.calls.values())) - again


@pytest.mark.parametrize("name", STORIES)
def test_where_nothing_goes_wrong_all_ends_and_no_call_repeats(name: str) -> None:
    tell(STORIES[name])


def places(story: Story) -> Sequence[int]:
    """The steps before which a process may die.

    A round of the scheduler that makes the same calls as the one just before it found nothing to
    do, as that did: there is nothing new to die in.
    """
    found: list[int] = []
    stretch: list[str] = []
    before: list[str] = []
    for step, call in enumerate(tell(story).seen, start=1):
        stretch.append(call)
        if story.about(call):
            found.append(step)
        if call == "lambda.end":
            if stretch == before:
                found = [each for each in found if each <= step - len(stretch)]
            stretch, before = [], stretch
    return found


@pytest.mark.parametrize("name", STORIES)
def test_a_crash_at_any_step_loses_nothing(name: str) -> None:
    for step in places(STORIES[name]):
        tell(STORIES[name], step)


@pytest.mark.parametrize("name", [name for name, story in STORIES.items() if not story.only])
def test_two_crashes_lose_nothing_either(name: str) -> None:
    pairs = list(combinations(places(STORIES[name]), 2))
    for first, second in pairs[:: 1 + len(pairs) // MOST_PAIRS]:
        tell(STORIES[name], first, second)
