"""A filter that failed on an event, rather than say no, is counted on its webhook."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.services.fan_out.fan_out import FannedOut
from hookline.services.fan_out.filter_failures import (
    MOST_OF_A_TENANT,
    TOLD_AT_ONCE,
    TOLD_EVERY,
    FilterFailures,
)
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.system import System

FAILS = "abs(data.name) > `1`"
WHY = "abs() takes number, not string"


def health_of(system: System, webhook: Webhook) -> Health:
    (health,) = system.engine.health_table.get_many([(TENANT, webhook.id)])
    return health


def writes(system: System) -> int:
    return system.engine.steps.names["filter_failures.add"]


def publish(system: System, count: int) -> None:
    for _ in range(count):
        system.publish()
    system.run_stream()


def test_a_filter_that_fails_is_counted_with_its_reason_and_one_that_says_no_is_not(
    system: System,
) -> None:
    fails = system.webhook(filter=FAILS, events=("flow.*", "*"))
    says_no, holds = system.webhook(filter="data.name == 'x'"), system.webhook()
    publish(system, 3)
    health = health_of(system, fails)
    assert (health.filter_failures, health.filter_failure) == (3, WHY)
    assert health.filter_failed_at == system.clock()
    assert [health_of(system, each).filter_failures for each in (says_no, holds)] == [0, 0]
    assert writes(system) == 1


def test_events_whose_filters_do_not_fail_write_nothing(system: System) -> None:
    system.webhook(filter="data.name == 'x'")
    publish(system, 10)
    assert writes(system) == 0


def test_however_many_fail_writes_are_few_and_the_count_is_right_in_the_end(
    system: System,
) -> None:
    fails = system.webhook(filter=FAILS)
    for _ in range(50):
        publish(system, 4)
        system.clock.advance(TOLD_EVERY / 10)
    assert writes(system) <= 6
    system.clock.advance(TOLD_EVERY)
    system.webhook()
    publish(system, 1)
    assert health_of(system, fails).filter_failures == 201


def test_a_batch_writes_to_few_webhooks_and_the_others_have_their_turn(system: System) -> None:
    failing = [system.webhook(filter=FAILS) for _ in range(3 * TOLD_AT_ONCE)]
    publish(system, 1)
    assert writes(system) == TOLD_AT_ONCE
    publish(system, 1)
    publish(system, 1)
    assert all(health_of(system, each).filter_failures for each in failing)


def test_a_count_that_is_refused_holds_up_nobody_and_is_not_tried_again_for_a_minute(
    system: System,
) -> None:
    class Refusing:
        asked = 0

        def add(self, *_: object) -> None:
            self.asked += 1
            raise Unavailable("UpdateItem: ProvisionedThroughputExceededException")

    refusing = Refusing()
    system.engine.filter_failures, whole = refusing, system.engine.filter_failures
    system.start()
    fails, holds = system.webhook(filter=FAILS), system.webhook()
    for _ in range(20):
        event = system.publish()
        (outcome,) = system.fan_out([event], system.next_run())
        assert isinstance(outcome, FannedOut)
        assert system.status(event, holds)
    assert refusing.asked == 1
    system.engine.filter_failures = whole
    system.clock.advance(timedelta(minutes=1))
    system.start()
    publish(system, 1)
    assert health_of(system, fails).filter_failures > 0


def test_a_large_fan_out_counts_too(system: System) -> None:
    for _ in range(600):
        system.webhook()
    fails = system.webhook(filter=FAILS)
    publish(system, 1)
    system.run_steps()
    assert health_of(system, fails).filter_failures == 1


class Counts:
    """`FilterFailureCounts` that hold what was told, and refuse what is told of some webhooks."""

    def __init__(self) -> None:
        self.told: Counter[tuple[str, str]] = Counter()
        self.refused: set[str] = set()

    def add(
        self, tenant: TenantId, webhook_id: WebhookId, count: int, why: str, at: datetime
    ) -> None:
        if webhook_id in self.refused:
            raise Unavailable("UpdateItem: ThrottlingException")
        self.told[tenant, webhook_id] += count


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def failures(counts: Counts, system: System) -> FilterFailures:
    return FilterFailures(counts, system.clock)


LOUD, OTHER = TenantId("loud"), TenantId("other")


def saw(failures: FilterFailures, tenant: TenantId, *names: str) -> None:
    for name in names:
        failures.saw(tenant, WebhookId(name), WHY)


def tell_all(failures: FilterFailures, clock: FakeClock, times: int) -> None:
    for _ in range(times):
        failures.tell()
        clock.advance(TOLD_EVERY)


def test_a_tenant_of_many_failing_filters_leaves_the_others_their_room_and_their_turn(
    counts: Counts, failures: FilterFailures
) -> None:
    saw(failures, LOUD, *(f"w{number}" for number in range(10_000)))
    saw(failures, OTHER, "quiet")
    failures.tell()
    assert counts.told == {(LOUD, "w0"): 1, (OTHER, "quiet"): 1}


def test_tenants_take_turns(counts: Counts, failures: FilterFailures) -> None:
    saw(failures, LOUD, *(f"w{number}" for number in range(TOLD_AT_ONCE * 5)))
    failures.tell()
    for number in range(5):
        saw(failures, TenantId(f"other-{number}"), "quiet")
    for _ in range(3):
        failures.tell()
    assert len({tenant for tenant, _ in counts.told}) == 6


def test_of_a_tenant_some_failures_are_not_counted_until_there_is_room(
    counts: Counts, failures: FilterFailures, system: System
) -> None:
    saw(failures, LOUD, *(f"w{number}" for number in range(MOST_OF_A_TENANT + 1)))
    tell_all(failures, system.clock, MOST_OF_A_TENANT)
    assert len(counts.told) == MOST_OF_A_TENANT
    saw(failures, LOUD, f"w{MOST_OF_A_TENANT}")
    failures.tell()
    assert len(counts.told) == MOST_OF_A_TENANT + 1


def test_what_was_refused_is_told_later_with_what_came_since(
    counts: Counts, failures: FilterFailures, system: System
) -> None:
    counts.refused = {"w"}
    saw(failures, LOUD, "w", "w")
    failures.tell()
    saw(failures, LOUD, "w")
    counts.refused = set()
    system.clock.advance(timedelta(minutes=1))
    failures.tell()
    assert counts.told == {(LOUD, "w"): 3}


def test_a_webhook_that_is_always_refused_keeps_nobody_from_their_turn(
    counts: Counts, failures: FilterFailures, system: System
) -> None:
    counts.refused = {"broken"}
    saw(failures, LOUD, "broken", "fine")
    saw(failures, OTHER, "quiet")
    for _ in range(3):
        failures.tell()
        system.clock.advance(timedelta(minutes=1))
    assert counts.told == {(LOUD, "fine"): 1, (OTHER, "quiet"): 1}
