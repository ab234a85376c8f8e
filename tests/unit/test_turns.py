"""Who comes first in a round that may not get to everybody."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.turns import in_turn
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def reached(count: int, of_them: int, rounds: int, first: int, every: timedelta) -> set[int]:
    """Who has had a turn after so many rounds, each of which gets to ``of_them``."""
    everybody = range(count)
    return {
        one
        for number in range(first, first + rounds)
        for one in in_turn(everybody, NOW + number * every, every)[:of_them]
    }


@given(st.integers(0, 60), st.integers(0, 10**7))
def test_a_round_has_everybody_once(count: int, minute: int) -> None:
    turns = in_turn(range(count), NOW + minute * MINUTE, MINUTE)
    assert sorted(turns) == list(range(count))


@given(st.data(), st.integers(1, 400), st.integers(0, 10**7), st.sampled_from([MINUTE, HOUR]))
def test_everybody_has_a_turn_within_twice_the_rounds_that_it_takes(
    data: st.DataObject, count: int, first: int, every: timedelta
) -> None:
    of_them = data.draw(st.integers(1, count))
    rounds = ceil(2 * count / of_them)
    assert len(reached(count, of_them, rounds, first, every)) == count


def test_three_thousand_of_whom_a_third_get_a_turn_wait_six_rounds_at_most() -> None:
    assert len(reached(3_000, 1_000, 6, 0, MINUTE)) == 3_000


def test_a_circle_of_any_size_begins_at_each_of_its_places() -> None:
    for count in range(1, 250):
        assert len(reached(count, 1, 2 * count, 0, MINUTE)) == count


def test_a_round_begins_at_one_place_however_late_in_its_span_it_runs() -> None:
    a_moment_later = NOW.replace(second=59)
    assert in_turn(range(9), NOW, MINUTE) == in_turn(range(9), a_moment_later, MINUTE)
