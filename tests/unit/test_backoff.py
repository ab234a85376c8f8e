from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.delivery.backoff import ATTEMPTS_BY_POLICY, retry_after, wait_after, wait_asked
from hookline.domain.webhook.webhook import RetryPolicy

MIDDLE = 0.5
IZANAMI = RetryPolicy(
    initial_delay=timedelta(seconds=5), multiplier=2, max_delay=timedelta(seconds=600)
)
NOW = datetime(1994, 11, 6, 8, 49, 0, tzinfo=UTC)


def seconds(policy: RetryPolicy, failures: int, jitter: float = MIDDLE) -> float:
    return wait_after(policy, failures, jitter).total_seconds()


def test_waits_grow_by_the_multiplier_up_to_the_ceiling() -> None:
    waits = [round(seconds(IZANAMI, failures)) for failures in range(1, 10)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]


def test_the_defaults_reach_twelve_hours_within_ten_failures() -> None:
    policy = RetryPolicy()
    assert [round(seconds(policy, n)) for n in (1, 2, 3, 4)] == [5, 15, 45, 135]
    assert wait_after(policy, 10, MIDDLE) == timedelta(hours=12)


def test_jitter_is_a_tenth_either_way() -> None:
    assert seconds(IZANAMI, 2, 0.0) == pytest.approx(9)
    assert seconds(IZANAMI, 2, 0.999999) == pytest.approx(11, abs=0.001)


def test_a_million_failures_wait_as_long_as_the_ceiling_says() -> None:
    assert wait_after(RetryPolicy(), 1_000_000, MIDDLE) == timedelta(hours=12)
    constant = RetryPolicy(multiplier=1.0)
    assert seconds(constant, ATTEMPTS_BY_POLICY) == pytest.approx(5)
    assert wait_after(constant, 1_000_000, MIDDLE) == timedelta(hours=12)


ONE_SECOND, FOURTEEN_DAYS = timedelta(seconds=1), timedelta(days=14)


@pytest.mark.parametrize("jitter", [0.0, MIDDLE])
def test_no_policy_makes_more_than_250_attempts_of_one_delivery(jitter: float) -> None:
    fastest = RetryPolicy(initial_delay=ONE_SECOND, multiplier=1, max_delay=ONE_SECOND)
    waited, attempts = timedelta(), 1
    while (waited := waited + wait_after(fastest, attempts, jitter)) < FOURTEEN_DAYS:
        attempts += 1
    assert ATTEMPTS_BY_POLICY < attempts <= 250


def test_the_first_hundred_attempts_come_as_the_policy_says() -> None:
    fastest = RetryPolicy(initial_delay=ONE_SECOND, multiplier=1, max_delay=ONE_SECOND)
    assert {seconds(fastest, failures) for failures in range(1, ATTEMPTS_BY_POLICY + 1)} == {1}
    assert seconds(fastest, ATTEMPTS_BY_POLICY + 50) == pytest.approx(1.1**50)


policies = st.builds(
    RetryPolicy,
    initial_delay=st.integers(1, 43_200).map(lambda s: timedelta(seconds=s)),
    multiplier=st.floats(1, 10),
    max_delay=st.integers(1, 43_200).map(lambda s: timedelta(seconds=s)),
)
jitters = st.floats(0, 1, exclude_max=True)


@given(policies, st.integers(1, ATTEMPTS_BY_POLICY), jitters)
def test_no_wait_is_shorter_than_the_policy_s_jitter_or_longer_than_its_ceiling(
    policy: RetryPolicy, failures: int, jitter: float
) -> None:
    wait = wait_after(policy, failures, jitter)
    shortest = min(policy.initial_delay, policy.max_delay) * 0.9
    assert shortest - timedelta(microseconds=1) <= wait <= policy.max_delay


@given(policies, jitters)
def test_with_the_same_jitter_waits_never_shrink(policy: RetryPolicy, jitter: float) -> None:
    waits = [wait_after(policy, failures, jitter) for failures in range(1, 300)]
    assert all(earlier <= later for earlier, later in pairwise(waits))


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("0" * 5000 + "7", timedelta(seconds=7)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", timedelta(seconds=37)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", timedelta(seconds=37)),
        ("Sun Nov  6 08:49:37 1994", timedelta(seconds=37)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_any_http_date(header: str, asked: timedelta) -> None:
    assert retry_after(header, NOW) == asked


@pytest.mark.parametrize(
    "header",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "١٢",
        "Sun, 99 Nov 1994 08:49:37 GMT",
        f"Sun, 06 Nov {10**20} 08:49:37 GMT",
        "0x10",
        "1e3",
    ],
)
def test_a_retry_after_that_is_neither_asks_for_nothing(header: str) -> None:
    assert retry_after(header, NOW) is None


@pytest.mark.parametrize("digits", [12, 13, 5000])
def test_a_retry_after_of_any_length_is_one(digits: int) -> None:
    asked = retry_after("9" * digits, NOW)
    assert wait_asked(IZANAMI, timedelta(seconds=5), asked) == IZANAMI.max_delay


@given(st.text())
def test_no_retry_after_raises(header: str) -> None:
    asked = retry_after(header, NOW)
    assert asked is None or asked >= timedelta()


def test_the_endpoint_may_ask_for_longer_but_not_for_sooner_or_for_ever() -> None:
    own, short, long = timedelta(seconds=40), timedelta(seconds=5), timedelta(days=400)
    assert wait_asked(IZANAMI, own, None) == own
    assert wait_asked(IZANAMI, own, short) == own
    assert wait_asked(IZANAMI, own, timedelta(seconds=90)) == timedelta(seconds=90)
    assert wait_asked(IZANAMI, own, long) == IZANAMI.max_delay
