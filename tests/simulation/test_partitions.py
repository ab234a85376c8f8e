"""A log that is throttled makes its own deliveries late, repeats none of their calls, and slows
nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hookline.domain.ids import WebhookId
from hookline.domain.shards import ONE, Shards
from tests.builders import NOW
from tests.simulation.accounts import account
from tests.simulation.partitions import Logs, Taken, Throughput
from tests.simulation.scale import Waits, publish_steadily
from tests.simulation.test_crashes import a_world
from tests.simulation.world import HOUR, MINUTE, SECOND, World

OTHERS = 5
LASTS = MINUTE

type Makes = Callable[[World, WebhookId], Taken]


def shown(makes: Makes, per_second: float, shards: Shards = ONE) -> tuple[Waits, Waits]:
    """How long first attempts wait: the others' beside a webhook of so many events, and its own."""
    with a_world() as world:
        hot = world.webhook("hot", events=["hot"])
        others = {world.webhook(f"other-{n}", events=["other"]) for n in range(OTHERS)}
        Logs(world, makes(world, hot), shards)
        publish_steadily(world, "hot", count=int(per_second * 60), per_second=per_second)
        publish_steadily(world, "other", count=60, per_second=1)
        world.run_for(LASTS)
        waits = Waits.of(world, others)
        world.run_for(HOUR)
        told = account(world)
        assert not told.lost
        assert told.statuses == {"success": int(per_second * 60) + 60 * OTHERS}
        assert max(map(len, world.endpoints.calls.values())) == 1
        return waits, Waits.of(world, {hot})


def takes_all(_world: World, _hot: WebhookId) -> Taken:
    return lambda _partition, _units: True


def refuses(*, reads: bool, writes: bool) -> Makes:
    def makes(world: World, hot: WebhookId) -> Taken:
        until = world.clock.now + 10 * MINUTE

        def taken(partition: str, units: int) -> bool:
            refused = writes if units else reads
            return hot not in partition or not refused or world.clock.now > until

        return taken

    return makes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reads", "writes"),
    [(True, False), (False, True), (True, True)],
    ids=["reads", "writes", "all"],
)
def test_a_log_that_takes_nothing_for_ten_minutes_is_felt_by_its_own_webhook_alone(
    reads: bool, writes: bool
) -> None:
    alone, _ = shown(takes_all, per_second=1)
    beside, _ = shown(refuses(reads=reads, writes=writes), per_second=1)
    assert beside.p99 <= 1.2 * alone.p99
    assert beside.longest < SECOND


@pytest.mark.slow
def test_more_than_a_partition_takes_is_late_and_called_once() -> None:
    partitions: list[Throughput] = []

    def makes(world: World, _hot: WebhookId) -> Taken:
        partitions.append(Throughput(world, per_second=30))
        return partitions[-1]

    alone, _ = shown(takes_all, per_second=20)
    beside, late = shown(makes, per_second=20)
    assert partitions[0].refused
    assert beside.p99 <= 1.2 * alone.p99
    assert beside.longest < SECOND
    assert late.longest > 10 * SECOND
    # A quarter of it each, nothing has to wait.
    beside, in_time = shown(makes, per_second=20, shards=Shards(((NOW, 4),)))
    assert not partitions[1].refused
    assert max(beside.longest, in_time.longest) < SECOND
