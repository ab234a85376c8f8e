from __future__ import annotations

from datetime import timedelta
from itertools import count, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.ids import DeliveryId
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import (
    FIRST_PROBE_INTERVAL,
    Closed,
    Draining,
    Health,
    Open,
    after_success,
    drain_allowance,
    drain_interval,
    mark_waiting,
    nothing_waits,
    opened,
    probed,
    still_probes,
)
from tests.builders import MINUTE, NOW, SECOND, a_health


def failing(failures: int, deliveries: int, **overrides: object) -> Health:
    ids = frozenset(DeliveryId(f"dlv_{n}") for n in range(deliveries))
    return a_health(consecutive_failures=failures, failing_deliveries=ids, **overrides)


def an_open(**overrides: object) -> Health:
    health = opened(failing(10, 3, **overrides), NOW)
    assert health is not None
    return health


def test_ten_failures_in_a_row_over_three_deliveries_open_it() -> None:
    health = an_open()
    assert health.circuit == Open(NOW, NOW + 30 * SECOND, 30 * SECOND)
    assert health.has_waiting
    assert health.waiting_marked_at == NOW


@pytest.mark.parametrize(("failures", "deliveries"), [(9, 3), (10, 2), (1_000, 1), (0, 0)])
def test_fewer_failures_or_deliveries_leave_it_closed(failures: int, deliveries: int) -> None:
    assert opened(failing(failures, deliveries), NOW) is None


def test_an_open_circuit_does_not_open_again_and_a_draining_one_does() -> None:
    assert opened(an_open(), NOW + MINUTE) is None
    health = opened(failing(10, 3, circuit=Draining(NOW)), NOW + MINUTE)
    assert health is not None
    assert isinstance(health.circuit, Open)


def test_probes_go_out_ever_more_rarely_down_to_one_in_five_minutes() -> None:
    health, now, waits = an_open(), NOW, []
    for _ in range(6):
        assert isinstance(health.circuit, Open)
        waits.append(health.circuit.next_probe_at - now)
        now = health.circuit.next_probe_at
        health = probed(health, now)
    assert waits == [30 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE]


def test_only_an_open_circuit_is_probed() -> None:
    with pytest.raises(TypeError, match=r"^only an open circuit is probed$"):
        probed(a_health(), NOW)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8), st.integers(0, 700))
def test_a_probe_may_go_out_until_the_next_one_may(late: list[int], after: int) -> None:
    """Released ``late`` seconds after they might have been, and looked at ``after`` the last one.

    Whichever was released less than the shortest interval ago may go out, whatever was read of the
    circuit: that may be older than the probe.
    """
    health, released = an_open(), []
    for seconds in late:
        assert isinstance(health.circuit, Open)
        released.append(health.circuit.next_probe_at + seconds * SECOND)
        health = probed(health, released[-1])
    now = released[-1] + after * SECOND
    assert isinstance(health.circuit, Open)
    for at in released:
        may = at is released[-1] and now < health.circuit.next_probe_at
        fresh = now < at + FIRST_PROBE_INTERVAL
        assert still_probes(health.circuit, at, now) == (may or fresh)


def test_an_even_success_changes_nothing() -> None:
    assert after_success(a_health(), NOW, NOW) is None


def test_a_success_ends_the_row_of_failures() -> None:
    health = after_success(failing(9, 3), NOW, NOW + SECOND)
    assert health == a_health(last_success_at=NOW + SECOND)


def test_a_success_begun_since_it_opened_starts_the_draining() -> None:
    health = after_success(an_open(), NOW + MINUTE, NOW + MINUTE)
    assert health is not None
    assert health.circuit == Draining(NOW + MINUTE)
    assert health.has_waiting


def test_a_success_begun_at_the_moment_it_opened_starts_the_draining() -> None:
    health = after_success(an_open(), NOW, NOW + SECOND)
    assert health is not None
    assert health.circuit == Draining(NOW + SECOND)


def test_a_success_begun_before_it_opened_leaves_it_open() -> None:
    health = after_success(an_open(), NOW - SECOND, NOW + MINUTE)
    assert health is not None
    assert isinstance(health.circuit, Open)


def test_draining_grows_from_minute_to_minute_within_bounds() -> None:
    allowed = [drain_allowance(Draining(NOW), NOW + n * MINUTE) for n in range(12)]
    assert allowed[:5] == [60, 120, 240, 480, 960]
    assert allowed[-1] == 5_000
    assert drain_allowance(Draining(NOW), NOW - SECOND) == 60
    assert drain_allowance(Draining(NOW), NOW + timedelta(days=3_000)) == 5_000


def test_a_million_waiting_deliveries_drain_in_three_hours_and_a_half() -> None:
    minutes = takewhile(
        lambda n: sum(drain_allowance(Draining(NOW), NOW + m * MINUTE) for m in range(n)) < 1e6,
        count(),
    )
    assert 3 * 60 < len(list(minutes)) <= 3.5 * 60


def test_what_drains_is_spread_over_its_minute() -> None:
    assert drain_interval(Draining(NOW), NOW) == SECOND
    assert drain_interval(Draining(NOW), NOW + 3 * MINUTE) == SECOND / 8


def test_a_webhook_is_marked_as_paced_once_in_a_while_only() -> None:
    marked = mark_waiting(a_health(), NOW)
    assert marked is not None
    assert mark_waiting(marked, NOW + 4 * MINUTE) is None
    renewed = mark_waiting(marked, NOW + 5 * MINUTE)
    assert renewed is not None
    assert renewed.waiting_marked_at == NOW + 5 * MINUTE


def test_a_webhook_that_nothing_waits_on_closes_once_no_write_can_be_under_way() -> None:
    draining = a_health(circuit=Draining(NOW), has_waiting=True, waiting_marked_at=NOW)
    assert nothing_waits(draining, NOW + LEASE - SECOND) is None
    closed = nothing_waits(draining, NOW + LEASE)
    assert closed is not None
    assert (closed.circuit, closed.has_waiting) == (Closed(), False)
    assert closed.waiting_marked_at is None


def test_an_open_circuit_stays_open_even_if_nothing_waits() -> None:
    assert nothing_waits(an_open(), NOW + 10 * LEASE) is None
