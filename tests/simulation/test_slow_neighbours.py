"""Slow and silent endpoints take nothing from the healthy ones, from the first second on.

They are compared with the same number of healthy ones that get as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryTask
from hookline.ports.sending import Snapshots, Unread
from tests.simulation.scale import Waits, publish_steadily
from tests.simulation.slow_neighbours import (
    HEALTHY,
    NEVER_ANSWERS,
    TAKES_NINE_SECONDS,
    Crowd,
    beside,
)
from tests.simulation.test_crashes import a_world
from tests.simulation.world import SECOND, World

LASTS = 20 * SECOND


def test_half_of_all_endpoints_never_answering_is_not_felt_by_the_others() -> None:
    alone = beside(Crowd(10, HEALTHY), per_second=20, lasts=LASTS)
    shown = beside(Crowd(10, NEVER_ANSWERS), per_second=20, lasts=LASTS)
    assert shown.p99 <= 1.2 * alone.p99
    assert shown.longest < 2 * SECOND


def test_many_slow_endpoints_are_not_felt_by_the_others() -> None:
    alone = beside(Crowd(200, HEALTHY), per_second=20, lasts=LASTS)
    shown = beside(Crowd(200, TAKES_NINE_SECONDS), per_second=20, lasts=LASTS)
    assert shown.p99 <= 1.2 * alone.p99
    assert shown.longest < 2 * SECOND


class Throttled:
    """`Snapshots` that leave out whatever is of one type of event."""

    def __init__(self, snapshots: Snapshots, hot: set[str]) -> None:
        self._snapshots = snapshots
        self._hot = hot

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        return [
            Unread() if task.key.webhook_id in self._hot else found
            for task, found in zip(tasks, self._snapshots.load(tasks), strict=True)
        ]


def test_an_item_that_cannot_be_read_hands_back_its_own_messages_alone() -> None:
    hot: set[str] = set()
    with a_world(lambda: World(snapshots=lambda _, inner: Throttled(inner, hot))) as world:
        hot.add(world.webhook("hot", events=["hot"]))
        others = {world.webhook(f"other-{n}", events=["other"]) for n in range(5)}
        publish_steadily(world, "hot", count=300, per_second=20)
        publish_steadily(world, "other", count=60, per_second=4)
        world.run_for(30 * SECOND)
        assert Waits.of(world, others).longest < SECOND
        hot.clear()
        world.run_for(timedelta(minutes=10))
        assert {str(one.status) for one in world.deliveries} == {"success"}
