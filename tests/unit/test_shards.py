"""The shards of hot keys: one for every id, and for good."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.ids import new_id
from hookline.domain.shards import MOST_SHARDS, ONE, Shards
from hookline.domain.times import floor_to_millis
from tests.builders import NOW

YEARS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = YEARS.map(lambda instant: instant.replace(second=0, microsecond=0))
COUNTS = st.integers(1, MOST_SHARDS)
lists = st.dictionaries(MINUTES, COUNTS, max_size=4).map(
    lambda steps: Shards(tuple(sorted(steps.items())))
)
ids = st.builds(new_id, st.sampled_from(["dlv", "evt"]), YEARS, st.binary(min_size=10, max_size=10))


def written(shards: Shards) -> str:
    return ",".join(["1", *(f"{n}@{at:%Y-%m-%dT%H:%MZ}" for at, n in shards.steps)])


@given(lists)
def test_a_list_reads_as_it_was_written(shards: Shards) -> None:
    assert Shards.parse(written(shards)) == shards


@given(lists, ids)
def test_every_id_has_one_shard_of_its_time(shards: Shards, any_id: str) -> None:
    assert shards.of_id(any_id) in range(shards.most)
    assert shards.of_id(any_id) < shards.between_ids(any_id, any_id)


@given(lists, YEARS, st.text())
def test_what_is_named_by_its_time_has_one_too(shards: Shards, at: datetime, name: str) -> None:
    assert shards.of(name, at) in range(shards.at(at))


@given(lists, MINUTES, COUNTS, YEARS, st.text())
def test_a_later_step_changes_nothing_of_what_is_older(
    shards: Shards, step: datetime, count: int, at: datetime, name: str
) -> None:
    if all(since < step for since, _ in shards.steps):
        longer = Shards((*shards.steps, (step, count)))
        if at < step:
            assert longer.of(name, at) == shards.of(name, at)
            assert longer.at(at) == shards.at(at)


@given(lists, YEARS, YEARS, YEARS)
def test_a_span_of_time_has_as_many_as_any_instant_of_it(
    shards: Shards, one: datetime, other: datetime, another: datetime
) -> None:
    since, at, until = sorted([one, other, another])
    assert shards.between(since, until) >= shards.at(at)
    assert shards.between(None, until) >= shards.at(at)
    assert shards.between(since, None) >= shards.at(at)
    instants = [since, *(step for step, _ in shards.steps if since <= step <= until)]
    assert shards.between(since, until) == max(map(shards.at, instants))


@given(lists, lists)
def test_two_lists_agree_until_their_first_difference(before: Shards, after: Shards) -> None:
    change = after.first_change_from(before)
    instants = {since for since, _ in before.steps + after.steps}
    assert all(
        before.at(each) == after.at(each) for each in instants if not change or each < change
    )
    assert change is None or before.at(change) != after.at(change)


def test_an_id_is_counted_by_the_instant_that_it_holds() -> None:
    step = floor_to_millis(NOW)
    shards = Shards(((step, 4),))
    before = {
        shards.of_id(new_id("dlv", step - timedelta(milliseconds=1), bytes([n] * 10)))
        for n in range(99)
    }
    since = Counter(shards.of_id(new_id("dlv", step, bytes([n] * 10))) for n in range(99))
    assert before == {0}
    assert set(since) == {0, 1, 2, 3}
    assert max(since.values()) < 40


def test_an_id_that_holds_no_time_is_in_the_first() -> None:
    shards = Shards.parse("1,4@2020-01-01T00:00Z")
    assert {shards.of_id(text) for text in ("by hand", "", "dlv_", "dlv_" + "!" * 26)} == {0}


def test_without_steps_nothing_is_asked() -> None:
    assert ONE.of_id("by hand") == ONE.of("anything", NOW) == 0
    assert ONE.most == ONE.between(None, None) == ONE.between_ids("dlv_", "dlv_~") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "4@2026-12-01T12:00Z",
        "1,",
        "1,0@2026-12-01T12:00Z",
        "1,65@2026-12-01T12:00Z",
        "1,4@2026-12-01T12:00",
        "1,4@2026-12-01",
        "1,4@2026-02-30T12:00Z",
        "1,4@2026-12-02T12:00Z,8@2026-12-01T12:00Z",
        "1,4@2026-12-01T12:00Z,8@2026-12-01T12:00Z",
    ],
)
def test_what_is_no_list_of_steps_in_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Shards.parse(text)
