"""Between any two steps of a process others act: users, a second round, an index that lags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise

import pytest

from hookline.domain.delivery.delivery import DeliveryTask, Status
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.lease import LEASE
from hookline.errors import Refused, Unavailable
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import Account, account
from tests.simulation.endpoints import BROKEN, OK, Reply, always, in_turn
from tests.simulation.lagging import Behind, LateHealth, OneAnswerLate
from tests.simulation.scale import publish_steadily
from tests.simulation.stories import STORIES, Story
from tests.simulation.test_crashes import ROUNDS, a_world, places
from tests.simulation.world import HOUR, MINUTE, SECOND, Size, World

MOST_STEPS = 12
"""Of each story, spread evenly."""

RACED = ("fan-out", "retry", "park", "release", "hold", "rate limit", "exhaust")


class Meanwhile:
    """A hook: before one step, somebody else does ``act`` from its beginning to its end."""

    def __init__(self, step: int, act: Callable[[], None]) -> None:
        self._left = step
        self._act = act

    def __call__(self, _call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE:
            self._left -= 1
            if self._left == 0:
                self._act()


def some_steps(story: Story) -> Sequence[int]:
    steps = places(story)
    return steps[:: 1 + len(steps) // MOST_STEPS]


def tell_while(story: Story, step: int, act: Callable[[World], None]) -> Account:
    with a_world(story.world) as world:
        story.scene(world)
        world.steps.hook = Meanwhile(step, lambda: act(world))
        story.act(world)
        world.run_for(story.lasts + LEASE + ROUNDS)
        told = account(world)
        assert not told.lost, step
        assert not told.open, step
        assert not told.twice, step
        return told


def retry_all(world: World) -> None:
    for delivery in world.deliveries:
        with suppress(Refused):
            world.api.retry(delivery.key)


def cancel_all(world: World) -> None:
    for delivery in world.deliveries:
        with suppress(Refused):
            world.api.cancel(delivery.key)


@pytest.mark.parametrize("name", RACED)
def test_a_second_round_of_the_scheduler_at_any_step_changes_no_end(name: str) -> None:
    story = STORIES[name]
    for step in some_steps(story):
        assert set(tell_while(story, step, World.round).statuses) == {story.end}, step


@pytest.mark.parametrize("name", RACED)
def test_retries_by_users_at_any_step_leave_nothing_open_or_unrecorded(name: str) -> None:
    for step in some_steps(STORIES[name]):
        tell_while(STORIES[name], step, retry_all)


@pytest.mark.parametrize("name", RACED)
def test_cancels_at_any_step_win_or_lose_cleanly(name: str) -> None:
    story = STORIES[name]
    for step in some_steps(story):
        told = tell_while(story, step, cancel_all)
        assert set(told.statuses) <= {story.end, Status.CANCELLED}, step


def fails_slowly(world: World) -> DeliveryTask:
    """A delivery whose calls are on the wire for a while: its first message."""
    retry = {"initial_delay_seconds": 450, "multiplier": 1, "max_attempts": 3}
    world.webhook("sluggish", always(Reply(500, after=0.9 * SECOND)), retry=retry)
    world.publish()
    world.run_for(SECOND / 2)
    (delivery,) = world.deliveries
    return task_of(delivery)


def hand_out_again_during_the_next_call(world: World, task: DeliveryTask) -> None:
    (delivery,) = world.deliveries
    assert delivery.next_attempt_at is not None
    world.run_until(delivery.next_attempt_at + SECOND / 2)
    world.engine.retry_queue.send(delivery_message(task))
    world.run_for(HOUR)


def test_the_message_of_an_attempt_already_made_makes_no_call_beside_the_next_one() -> None:
    with a_world() as world:
        first = fails_slowly(world)
        world.run_for(MINUTE)
        hand_out_again_during_the_next_call(world, first)
        (delivery,) = world.deliveries
        assert delivery.status is Status.FAILED
        assert len(world.endpoints.times["sluggish"]) == delivery.attempt_count == 3


def test_a_message_of_an_older_generation_makes_no_call_beside_one_of_the_newer() -> None:
    with a_world() as world:
        fails_slowly(world)
        world.run_for(MINUTE)
        (delivery,) = world.deliveries
        second = task_of(delivery)
        retry_all(world)
        world.run_for(MINUTE)
        hand_out_again_during_the_next_call(world, second)
        (delivery,) = world.deliveries
        assert (delivery.generation, delivery.status) == (1, Status.FAILED)
        assert len(world.endpoints.times["sluggish"]) == delivery.attempt_count == 1 + 3


LAGS = {
    "index": lambda: World(due=OneAnswerLate),
    "index by a second": lambda: World(due=lambda world, due: Behind(world, due, SECOND)),
    "health": lambda: World(snapshots=LateHealth),
}


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("name", [name for name, story in STORIES.items() if story.world is World])
def test_what_lags_delays_and_loses_nothing(name: str, lag: str) -> None:
    story = STORIES[name]
    with a_world(LAGS[lag]) as world:
        story.scene(world)
        world.steps.hook = lambda _call, _moment: None
        story.act(world)
        world.run_for(story.lasts + LEASE + ROUNDS)
        told = account(world)
        assert set(told.statuses) == {story.end}
        assert not told.lost
        assert not told.twice


def test_a_backlog_older_than_a_lease_repeats_no_call() -> None:
    with a_world(lambda: World(size=Size(senders=3))) as world:
        world.webhook("slow", always(Reply(200, after=9 * SECOND)))
        publish_steadily(world, "any", count=1_800, per_second=100)
        for _ in range(60):
            world.run_for(MINUTE)
            # No order is promised: a copy may well be handed out just before its original.
            world.engine.retry_queue.shuffle(world.random)
        told = account(world)
        assert told.statuses == {Status.SUCCESS: 1_800}
        assert max(call.at for calls in world.endpoints.calls.values() for call in calls) > (
            min(delivery.created_at for delivery in world.deliveries) + LEASE
        )
        assert max(map(len, world.endpoints.calls.values())) == 1


def test_a_message_handed_out_twice_while_its_webhook_goes_off_and_on_hastens_nothing() -> None:
    retry = {"initial_delay_seconds": 600, "multiplier": 1}
    with a_world() as world:
        webhook_id = world.webhook("off", in_turn(BROKEN, OK), retry=retry)
        world.publish()
        world.run_for(SECOND)
        (delivery,) = world.deliveries
        copy = delivery_message(task_of(delivery))
        world.edit(webhook_id, enabled=False)
        world.engine.retry_queue.send(copy)
        world.run_for(SECOND)
        world.steps.hook = nobody_lets_go
        world.edit(webhook_id, enabled=True)
        world.engine.retry_queue.send(copy)
        world.run_for(2 * SECOND)
        world.steps.hook = lambda _call, _moment: None
        world.run_for(15 * MINUTE)
        first, second = world.endpoints.times["off"]
        assert second - first > 0.9 * 600 * SECOND
        assert account(world).statuses == {Status.SUCCESS: 1}


def nobody_lets_go(call: Call, moment: Moment) -> None:
    if call.name == "due.on_webhook" and moment is Moment.BEFORE:
        raise Unavailable("ProvisionedThroughputExceededException")


def test_probes_that_come_late_do_not_go_out_together() -> None:
    with a_world() as world:
        world.webhook("down", always(BROKEN))
        for _ in range(40):
            world.publish()
        world.run_for(3 * MINUTE)
        before = len(world.endpoints.times["down"])
        world.mappings["retries"].off = True
        world.run_for(14 * MINUTE)
        world.mappings["retries"].off = False
        world.run_for(2 * HOUR)
        probes = world.endpoints.times["down"][before:]
        assert len(probes) > 12
        assert min(later - earlier for earlier, later in pairwise(probes)) >= 30 * SECOND
        assert not account(world).lost


def test_attempts_whose_slots_passed_while_senders_were_off_keep_their_rate_limit() -> None:
    with a_world() as world:
        world.webhook("limited", rate_limit={"per_second": 1})
        for _ in range(61):
            world.publish()
        world.run_for(2 * SECOND)
        world.mappings["retries"].off = True
        world.run_for(70 * SECOND)
        world.mappings["retries"].off = False
        world.run_for(5 * MINUTE)
        times = world.endpoints.times["limited"]
        assert len(times) == 61
        assert max(sum(at <= other < at + SECOND for other in times) for at in times) <= 2
