"""The port `WebhookHealth`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.ids import DeliveryId, WebhookId
from hookline.domain.webhook.health import Closed, Draining, Health, Open
from tests.builders import NOW, TENANT, WEBHOOK_ID, a_health, an_id
from tests.contract.ports import Ports

KEY = (TENANT, WEBHOOK_ID)
OPEN = Open(NOW, NOW + timedelta(seconds=30), timedelta(seconds=30))


def some_ids(count: int) -> list[DeliveryId]:
    return [DeliveryId(an_id("dlv")) for _ in range(count)]


def stored(ports: Ports) -> Health:
    (health,) = ports.health.get_many([KEY])
    return health


def test_a_webhook_nothing_is_stored_of_is_untroubled(ports: Ports) -> None:
    assert stored(ports) == a_health()


def test_many_are_read_in_the_order_asked(ports: Ports) -> None:
    troubled = WebhookId(an_id("wh"))
    added = ports.health.add_failures(TENANT, troubled, some_ids(1), NOW)
    wanted = [KEY, (TENANT, troubled), KEY]
    assert list(ports.health.get_many(wanted)) == [a_health(), added, a_health()]


def test_failures_add_up(ports: Ports) -> None:
    first, second, third = some_ids(3)
    ports.health.add_failures(TENANT, WEBHOOK_ID, [first, second], NOW)
    later = NOW + timedelta(seconds=9)
    assert ports.health.add_failures(TENANT, WEBHOOK_ID, [second, third], later) == a_health(
        consecutive_failures=4,
        failing_deliveries=frozenset({first, second, third}),
        last_failure_at=later,
    )


def test_the_same_delivery_failing_twice_in_a_batch_counts_twice(ports: Ports) -> None:
    (failed,) = some_ids(1)
    added = ports.health.add_failures(TENANT, WEBHOOK_ID, [failed, failed], NOW)
    assert added == a_health(
        consecutive_failures=2, failing_deliveries=frozenset({failed}), last_failure_at=NOW
    )


def test_no_more_than_three_of_the_failing_deliveries_are_told(ports: Ports) -> None:
    added = ports.health.add_failures(TENANT, WEBHOOK_ID, some_ids(7), NOW)
    assert (added.consecutive_failures, len(added.failing_deliveries)) == (7, 3)


@pytest.mark.parametrize("circuit", [Closed(), OPEN, Draining(NOW)])
def test_a_replaced_health_reads_as_replaced(
    ports: Ports, circuit: Closed | Open | Draining
) -> None:
    after = a_health(
        consecutive_failures=10,
        failing_deliveries=frozenset(some_ids(2)),
        last_success_at=NOW,
        last_failure_at=NOW,
        disabled_reason="410 Gone",
        circuit=circuit,
        has_waiting=True,
        waiting_marked_at=NOW,
    )
    assert ports.health.replace(a_health(), after)
    assert stored(ports) == replace(after, version=1)


def test_of_two_changes_of_one_version_the_second_loses(ports: Ports) -> None:
    before = stored(ports)
    assert ports.health.replace(before, replace(before, circuit=OPEN))
    assert not ports.health.replace(before, replace(before, circuit=OPEN))
    assert stored(ports).version == 1


def test_adding_failures_makes_no_change_lose(ports: Ports) -> None:
    before = ports.health.add_failures(TENANT, WEBHOOK_ID, some_ids(1), NOW)
    ports.health.add_failures(TENANT, WEBHOOK_ID, some_ids(1), NOW)
    assert ports.health.replace(before, replace(before, circuit=OPEN))
    assert stored(ports).consecutive_failures == 2


def test_filters_that_failed_add_up_beside_all_else_until_they_are_forgotten(ports: Ports) -> None:
    ports.health.add_failures(*KEY, some_ids(1), NOW)
    for count, why in ((2, "first"), (3, "last")):
        ports.filter_failures.add(*KEY, count, why, NOW)
    health = stored(ports)
    assert (health.filter_failures, health.filter_failure) == (5, "last")
    assert (health.filter_failed_at, health.consecutive_failures) == (NOW, 1)
    fresh = replace(health, filter_failures=0, filter_failure=None, filter_failed_at=None)
    assert ports.health.replace(health, fresh)
    after = stored(ports)
    assert (after.filter_failures, after.filter_failure, after.consecutive_failures) == (0, None, 1)


def test_a_reset_ends_the_row_of_failures(ports: Ports) -> None:
    before = ports.health.add_failures(TENANT, WEBHOOK_ID, some_ids(5), NOW)
    after = replace(before, consecutive_failures=0, failing_deliveries=frozenset())
    assert ports.health.replace(before, after)
    assert stored(ports) == replace(after, version=1)


def test_what_is_paced_is_listed_until_it_is_not(ports: Ports) -> None:
    other = a_health(webhook_id=WebhookId(an_id("wh")))
    ports.health.replace(other, replace(other, disabled_reason="x"))
    before = a_health()
    ports.health.replace(before, replace(before, has_waiting=True, waiting_marked_at=NOW))
    (marked,) = ports.health.with_waiting()
    assert marked == stored(ports)
    ports.health.replace(marked, replace(marked, has_waiting=False, waiting_marked_at=None))
    assert list(ports.health.with_waiting()) == []
