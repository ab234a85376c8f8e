"""Many deliveries: what is dead stays out of the others' way, and nothing is forgotten.

The numbers are small here; bench/simulate.py runs the same with very many.
"""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.services.delivery.retry_budget import IN_FLIGHT_CAP
from tests.simulation.accounts import account
from tests.simulation.endpoints import BROKEN, OK, Behaviour, always, fine, until
from tests.simulation.lagging import LateHealth
from tests.simulation.scale import (
    SMALL,
    Dead,
    Waits,
    all_fail,
    dead_beside_healthy,
    flickers,
    healthy_only,
    publish_steadily,
    purged,
    slow_beside_healthy,
    too_many_for_a_round,
)
from tests.simulation.test_crashes import a_world
from tests.simulation.world import DAY, HOUR, MINUTE, SECOND, World

SEED = 5


@pytest.fixture(scope="module")
def undisturbed() -> Waits:
    return healthy_only(SEED)


@pytest.mark.parametrize("per_second", [1_000, 1_000_000], ids=["a flood", "all at once"])
def test_a_dead_endpoint_takes_little_from_the_healthy_ones_beside_it(
    undisturbed: Waits, per_second: float
) -> None:
    dead = Dead(events=1_500, per_second=per_second, comes_back_after=HOUR)
    shown = dead_beside_healthy(SEED, dead, lasts=3 * HOUR)
    assert shown.most_in_flight <= IN_FLIGHT_CAP // 100
    assert shown.calls_in_first_hour < 500
    assert shown.healthy.mean < 1.2 * undisturbed.mean
    assert shown.healthy.p99 < 1.2 * undisturbed.p99
    assert not shown.end.lost
    assert not shown.end.twice
    assert set(shown.end.statuses) == {Status.SUCCESS}


def test_health_that_lags_lets_few_more_calls_through_to_a_dead_endpoint() -> None:
    dead = Dead(events=1_500, per_second=1_000, comes_back_after=HOUR)
    shown = dead_beside_healthy(
        SEED, dead, 3 * HOUR, lambda seed: World(seed, snapshots=LateHealth)
    )
    assert shown.calls_in_first_hour < 500
    assert not shown.end.lost
    assert not shown.end.twice
    assert set(shown.end.statuses) == {Status.SUCCESS}


def test_an_endpoint_that_is_slow_but_takes_it_all_does_not_delay_the_healthy_ones(
    undisturbed: Waits,
) -> None:
    # 450 calls at once would be needed to keep up: more than the delivery queue's senders make.
    shown, retry_late = slow_beside_healthy(SEED, events=4_500, per_second=50, takes=9 * SECOND)
    assert shown.mean < 1.2 * undisturbed.mean
    assert shown.p99 < 1.2 * undisturbed.p99
    assert retry_late < 5 * SECOND, retry_late


def test_what_is_for_an_endpoint_that_stays_dead_fails_at_its_age_and_is_dead_lettered() -> None:
    with a_world() as world:
        world.webhook("dead", always(BROKEN), retry={"max_age_seconds": 86_400})
        publish_steadily(world, "any", count=300, per_second=1_000)
        world.run_for(DAY + HOUR)
        told = account(world)
        assert told.statuses == {Status.FAILED: 300}
        assert len(world.engine.dead_letter_queue.bodies) == 300
        assert not told.twice


def test_a_recovery_keeps_its_rate_from_its_first_second_on() -> None:
    with a_world() as world:
        webhook_id = world.webhook("failed", _every_other(), retry={"max_attempts": 1})
        publish_steadily(world, "any", count=1_600, per_second=20)
        world.run_for(3 * MINUTE)
        world.endpoints.behaviours["failed"] = fine
        world.run_until(world.clock.now.replace(second=59))
        begin = world.clock.now
        world.recover(webhook_id, begin - HOUR)
        world.run_for(3 * MINUTE)
        times = [at for at in world.endpoints.times["failed"] if at >= begin]
        in_each_second = Counter((at - begin) // SECOND for at in times)
        assert len(times) == 800
        assert max(in_each_second.values()) <= 10 + 1


def _every_other() -> Behaviour:
    number = count()
    return lambda _now: BROKEN if next(number) % 2 else OK


def test_what_drains_comes_evenly_over_each_minute() -> None:
    with a_world() as world:
        retry = {"initial_delay_seconds": 5, "multiplier": 1, "max_delay_seconds": 5}
        back = world.clock.now + 10 * MINUTE
        world.webhook("back", until(back, BROKEN), retry=retry)
        publish_steadily(world, "any", count=1_500, per_second=100)
        world.run_for(40 * MINUTE)
        assert account(world).statuses == {Status.SUCCESS: 1_500}
        times = [at for at in world.endpoints.times["back"] if at > back]
        in_each_second = Counter((at - back) // SECOND for at in times)
        assert max(in_each_second.values()) <= 960 / 60 + 1


def test_what_a_round_has_no_time_to_end_its_pieces_do() -> None:
    assert too_many_for_a_round(SEED, events=10_000) == [10_000]


def test_purging_both_queues_loses_none_of_ten_thousand_pending_deliveries() -> None:
    pending, end = purged(SEED, webhooks=100, before=10, after=98)
    assert pending >= 10_000
    assert end.statuses == {Status.SUCCESS: 10_800}
    assert not end.lost


def test_a_day_with_every_endpoint_failing_leaves_the_queues_most_of_their_room() -> None:
    most_in_flight, end = all_fail(SEED, webhooks=600, events=2, lasts=DAY)
    assert SMALL.in_flight_cap // 20 < most_in_flight < SMALL.in_flight_cap // 5
    assert end.statuses == {Status.RETRYING: 1_200}
    assert not end.lost


def test_one_endpoint_that_fails_most_calls_leaves_most_of_that_to_the_others() -> None:
    most_in_flight, end = flickers(SEED, events=1_200, lasts=HOUR)
    assert SMALL.in_flight_cap // 50 < most_in_flight < SMALL.in_flight_cap // 15
    assert not end.lost
