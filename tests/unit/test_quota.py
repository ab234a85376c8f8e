"""Quotas: kept over all processes, at next to no writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.errors import TooManyRequests
from hookline.services.identity.keep_quota import (
    WINDOW,
    KeepQuota,
    Quota,
    end_of,
    seconds_until_next,
    window_of,
)
from tests.builders import NOW, TENANT
from tests.engine.callers import OTHER_TENANT
from tests.engine.clock import FakeClock
from tests.engine.identity import InMemoryAllotments


def passed(keep: KeepQuota, calls: int, amount: int = 1) -> int:
    count = 0
    for _ in range(calls):
        try:
            keep(TENANT, amount)
        except TooManyRequests:
            continue
        count += amount
    return count


class World:
    def __init__(self, per_second: int) -> None:
        self.clock = FakeClock()
        self.allotments = InMemoryAllotments()
        self.quota = Quota(per_second)

    def process(self, name: str = "publish") -> KeepQuota:
        return KeepQuota(allotments=self.allotments, quota=self.quota, name=name, clock=self.clock)


def test_a_quiet_tenant_writes_nothing() -> None:
    world = World(per_second=100)
    assert passed(world.process(), 10) == 10
    assert world.allotments.draws == 0


def test_a_busy_tenant_writes_once_for_a_twentieth_of_its_window() -> None:
    world = World(per_second=100)
    assert passed(world.process(), 900) == 900
    assert world.allotments.draws == 18


def test_what_passes_the_quota_is_refused_until_the_next_window() -> None:
    world = World(per_second=10)
    keep = world.process()
    assert passed(keep, 500) == 101  # a window's 100 and the free one
    with pytest.raises(TooManyRequests) as caught:
        keep(TENANT)
    assert "10 a second" in caught.value.detail
    world.clock.advance(timedelta(seconds=caught.value.retry_after_seconds))
    keep(TENANT)


def test_a_tenant_that_is_refused_costs_no_further_writes() -> None:
    world = World(per_second=10)
    keep = world.process()
    passed(keep, 500)
    before = world.allotments.draws
    passed(keep, 500)
    assert world.allotments.draws == before


def test_all_processes_together_keep_to_the_quota_and_their_free_shares() -> None:
    world = World(per_second=100)
    processes = [world.process() for _ in range(20)]
    total = sum(passed(process, 30) for process in processes for _ in range(10))
    assert 1_000 <= total <= 1_000 + 20 * world.quota.free


def test_one_tenants_use_leaves_anothers_alone_and_so_do_two_quotas() -> None:
    world = World(per_second=1)
    publish, inbound = world.process("publish"), world.process("inbound")
    passed(publish, 50)
    publish(OTHER_TENANT)
    inbound(TENANT)


def test_a_batch_larger_than_the_quota_passes_once_a_window_and_not_never() -> None:
    world = World(per_second=1)
    keep = world.process()
    assert passed(keep, 3, amount=100) == 100
    world.clock.advance(timedelta(seconds=WINDOW.total_seconds()))
    assert passed(keep, 3, amount=100) == 100


def test_a_refused_batch_still_lets_smaller_ones_through() -> None:
    world = World(per_second=10)
    keep = world.process()
    assert passed(keep, 1, amount=95) == 95
    assert passed(keep, 1, amount=50) == 0
    assert passed(keep, 10) == 6


def test_a_batch_published_side_by_side_is_counted_whole() -> None:
    world = World(per_second=10)
    keep = world.process()
    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(lambda _: passed(keep, 20), range(16))) == 101


@given(st.integers(min_value=1, max_value=10_000), st.lists(st.integers(1, 300), max_size=60))
def test_one_process_never_exceeds_window_and_free_share(
    per_second: int, amounts: list[int]
) -> None:
    world = World(per_second)
    keep = world.process()
    spent = 0
    for amount in amounts:
        try:
            keep(TENANT, amount)
        except TooManyRequests:
            continue
        spent += min(amount, world.quota.per_window)
    assert spent <= world.quota.per_window + world.quota.free


@given(st.floats(min_value=0, max_value=1_000))
def test_the_next_window_has_begun_after_the_seconds_named(offset: float) -> None:
    clock = FakeClock(NOW)
    clock.advance(timedelta(seconds=offset))
    seconds = seconds_until_next(clock())
    window = window_of(clock())
    assert 1 <= seconds <= 10
    clock.advance(timedelta(seconds=seconds))
    assert clock() >= end_of(window)
