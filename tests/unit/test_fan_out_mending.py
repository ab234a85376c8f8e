"""Large fan-outs, and those that a crash or a lost message left undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.fan_out.fan_out import CHUNK_SIZE
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.services.fan_out.chunks import ChunkHeld
from hookline.services.fan_out.fan_out import SMALL_MATCHES, FannedOut, LeftOver
from tests.builders import SECOND, TENANT, a_fan_out_task
from tests.engine.crashes import crash_at
from tests.engine.steps import Moment
from tests.engine.system import Crash, System


def test_a_large_fan_out_goes_on_in_further_steps(system: System) -> None:
    webhooks = [system.webhook() for _ in range(CHUNK_SIZE * 2 + 7)]
    event = system.publish()
    system.run_stream()
    assert len(system.engine.delivery_queue.messages) == SMALL_MATCHES
    assert len(system.engine.fan_out_queue.messages) == 1
    system.run_steps()
    assert len(system.engine.delivery_queue.messages) == len(webhooks)
    assert set(system.statuses_of(event, *webhooks)) == {Status.CREATED}
    assert system.engine.steps.names["new_deliveries.create"] == 2


def test_lost_steps_of_a_large_fan_out_are_done_by_the_sweep(system: System) -> None:
    webhooks = [system.webhook() for _ in range(CHUNK_SIZE + 3)]
    event = system.publish()
    system.run_stream()
    system.engine.fan_out_queue.purge()
    system.run_everything()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert set(system.statuses_of(event, *webhooks)) == {Status.SUCCESS}
    assert len(system.endpoints.calls) == len(webhooks)


def test_a_chunk_that_another_run_holds_is_left_to_it(system: System) -> None:
    for _ in range(CHUNK_SIZE + 1):
        system.webhook()
    event = system.publish()
    system.run_stream()
    system.run_steps()
    task = a_fan_out_task(event_id=event.id, accepted_at=event.accepted_at)
    assert system.create_chunk(task, 1, "another") == ChunkHeld()


def test_a_chunk_left_half_done_is_mended_after_its_lease(system: System) -> None:
    webhooks = [system.webhook() for _ in range(CHUNK_SIZE + 4)]
    event = system.publish()
    system.run_stream()
    system.engine.steps.hook = crash_at("new_deliveries.create", Moment.BEFORE, 1)
    with pytest.raises(Crash):
        system.run_steps()
    system.start()
    system.pass_time(LEASE * 2)
    assert set(system.statuses_of(event, *webhooks)) == {Status.SUCCESS}
    assert len(system.endpoints.calls) == len(webhooks)


def test_a_run_takes_no_further_event_once_it_has_its_fill(system: System) -> None:
    tenants = [TenantId(f"tenant-{number // 5}") for number in range(25)]
    for tenant in set(tenants):
        for _ in range(SMALL_MATCHES):
            system.webhook(tenant=tenant)
    events = [system.publish(tenant=tenant) for tenant in tenants]
    outcomes = system.fan_out(events, "run")
    assert [type(outcome) for outcome in outcomes] == [FannedOut] * 20 + [LeftOver] * 5


def test_a_fan_out_that_comes_an_hour_late_is_swept_although_the_sweep_had_passed(
    system: System,
) -> None:
    webhook = system.webhook()
    late = system.publish()
    system.stream.clear()
    system.pass_time(timedelta(hours=1))
    on_time = system.publish()
    system.run_everything()
    system.pass_time(timedelta(hours=1))
    assert system.engine.bookmarks.get(TENANT) is not None
    system.engine.steps.hook = crash_at("new_deliveries.create_some", Moment.BEFORE, 2)
    with pytest.raises(Crash):
        system.fan_out([late], "a late run")
    system.start()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert system.statuses_of(late, webhook) == [Status.SUCCESS]
    assert system.statuses_of(on_time, webhook) == [Status.SUCCESS]


def test_the_sweep_waits_for_a_lease_before_it_looks(system: System) -> None:
    webhook = system.webhook()
    event = system.publish()
    system.run_stream()
    system.engine.delivery_queue.purge()
    system.clock.advance(LEASE - SECOND)
    system.run_round()
    assert system.delivery(event, webhook).waiting is None
    system.clock.advance(2 * SECOND)
    system.run_round()
    assert isinstance(system.delivery(event, webhook).waiting, OnTheClock)


def test_the_sweep_leaves_deliveries_alone_that_are_on_their_way(system: System) -> None:
    webhook = system.webhook()
    event = system.publish()
    system.run_stream()
    system.run_everything()
    before = system.delivery(event, webhook)
    system.clock.advance(LEASE + SECOND)
    system.run_round()
    assert system.delivery(event, webhook) == before
