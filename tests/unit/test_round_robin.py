"""Who has a turn in a round that may not get to everybody, and what becomes of one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.delivery.rotation import rotated
from hookline.errors import Unavailable
from hookline.services.waiting.round_robin import Failure, RoundRobin
from tests.builders import HOUR, MINUTE, NOW


def reached(count: int, of_them: int, rounds: int, first: int, every: timedelta) -> set[int]:
    """Who has had a turn after so many rounds, each of which gets to ``of_them``."""
    everybody = range(count)
    return {
        one
        for number in range(first, first + rounds)
        for one in rotated(everybody, NOW + number * every, every)[:of_them]
    }


@given(st.integers(0, 60), st.integers(0, 10**7))
def test_a_round_has_everybody_once(count: int, minute: int) -> None:
    circle = rotated(range(count), NOW + minute * MINUTE, MINUTE)
    assert sorted(circle) == list(range(count))


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
    assert rotated(range(9), NOW, MINUTE) == rotated(range(9), a_moment_later, MINUTE)


def steps(one: str) -> Iterator[str]:
    """As many as its name has letters; ``x`` is a surprise, ``u`` is AWS's."""
    for letter in one:
        if letter == "x":
            raise KeyError(one)
        if letter == "u":
            raise Unavailable(one)
        yield letter


def test_those_that_have_more_to_do_have_a_second_turn_once_everybody_had_one() -> None:
    assert "".join(RoundRobin(lambda: True)(["ab", "", "cde", "f"], steps)) == "acfbde"


def test_a_turn_that_fails_leaves_the_others_theirs() -> None:
    round_robin = RoundRobin(lambda: True)
    assert "".join(round_robin(["axb", "c", "x", "de"], steps)) == "acde"
    assert [(each.whose, type(each.error)) for each in round_robin.failed] == [
        ("x", KeyError),
        ("axb", KeyError),
    ]
    assert isinstance(round_robin.failed[0], Failure)


def test_what_aws_refuses_one_of_them_leaves_the_others_their_turn() -> None:
    round_robin = RoundRobin(lambda: True)
    assert "".join(round_robin(["a", "u", "b", "cu"], steps)) == "abc"
    assert [each.whose for each in round_robin.failed] == ["u", "cu"]


def test_an_outage_before_anybody_was_served_ends_the_round() -> None:
    with pytest.raises(Unavailable):
        list(RoundRobin(lambda: True)(["u1", "u2", "u3", "c"], steps))
    assert list(RoundRobin(lambda: True)(["u1", "u2", "c", "u3", "d"], steps)) == ["c", "d"]
    # Who has nothing to do was served as well.
    assert list(RoundRobin(lambda: True)(["", "u1", "u2", "u3", "d"], steps)) == ["d"]


def test_refusals_of_one_tenant_are_no_outage_and_cost_the_others_three_calls_at_most() -> None:
    round_robin = RoundRobin(lambda: True)
    circle = ["u1", "u2", "u3", "u4", "v", "x"]
    done = round_robin(circle, steps, tenant=lambda one: "hot" if one[0] == "u" else "other")
    assert "".join(done) == "v"
    assert [each.whose for each in round_robin.failed] == ["u1", "u2", "u3", "x"]
    # In the same round's next call as well.
    assert "".join(round_robin(["u5", "w"], steps, tenant=lambda one: "hot")) == ""


def test_there_are_turns_while_there_is_time() -> None:
    left = iter([True, True, False])
    assert "".join(RoundRobin(lambda: next(left))(["ab", "cd", "ef"], steps)) == "ac"
