"""What a regular expression may cost."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookline.domain.sandbox.pattern_cost import InvalidPattern, longest_text
from tests.backtracking import Backtracking


@pytest.mark.parametrize(
    ("pattern", "at_least"),
    [
        ("^[a-z]+$", 1_000_000),
        ("^[a-z]+(-[a-z]+)*$", 200),
        (r"^([a-z]+\.)*[a-z]+$", 200),
        (r"^[^@]+@[^@]+\.[a-z]{2,}$", 60),
        (r"^\d{4}-\d{2}-\d{2}$", 1_000_000),
        ("^(GET|POST|PUT)$", 1_000_000),
        ("error", 1_000_000),
        ("a.*b", 4_000),
        ("^https?://", 1_000_000),
        ("^([a-z]+=[0-9]*;)*$", 100),
        ("(?i)^[a-z]+(-[a-z]+)*$", 200),
        ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", 1_000_000),
        ("^[a-z.]+@[a-z](?:[a-z-]{0,61}[a-z])?(?:[.][a-z](?:[a-z-]{0,61}[a-z])?)*$", 30),
        ("^(-?[0-9]+,)*$", 1_000),
        ("", 1_000_000),
    ],
)
def test_everyday_patterns_are_tried_on_everyday_texts(pattern: str, at_least: int) -> None:
    assert longest_text(pattern) >= at_least


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "not a regular expression"),
        ("a{99999999999999999999}", "not a regular expression"),
        ("(a+)+$", "within a repetition"),
        ("(a*)*", "within a repetition"),
        ("(a?){50}", "within a repetition"),
        ("(-?[a-z]+)*$", "within a repetition"),
        ("(-[a-z-]+)*$", "within a repetition"),
        ("(-.*)*$", "within a repetition"),
        (r"(-\W+)*$", "within a repetition"),
        ("^(-a?a?)*$", "that the part cannot match"),
        ("^(-a*aa*)*$", "that the part cannot match"),
        ("^(-(a*)(b*))*$", "that the part cannot match"),
        ("^(-(a*)([ab]+))*$", "that the part cannot match"),
        ("^(a?[0-9]*[ab]+-)*$", "that the part cannot match"),
        ("(-(a*)?)*$", "that the part cannot match"),
        ("(-(a?a?b)?)*$", "that the part cannot match"),
        ("(?i)^(a[A-Z]*)*$", "within a repetition"),
        ("^(?i:a[A-Z]*)*$", "within a repetition"),
        ("(a|aa)+$", "alternatives within a repetition"),
        ("(){1000000}", "one of something"),
        ("(^)*", "one of something"),
        ("(a)\\1", "back-references"),
        ("(?=a)b", "look-arounds"),
        ("a*" * 20, "as many repetitions"),
        ("a?" * 20, "as many repetitions"),
        ("x" * 513, "longer than 512"),
    ],
)
def test_patterns_of_unknown_cost_are_refused(pattern: str, problem: str) -> None:
    with pytest.raises(InvalidPattern, match=problem):
        longest_text(pattern)


@pytest.mark.parametrize("pattern", ["a{900000000}b", "(a{9000}b{9000}){9000}"])
def test_patterns_longer_than_any_text_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="as many repetitions"):
        longest_text(pattern)


def test_a_class_of_rare_characters_counts_as_many_as_it_names() -> None:
    # `re` compares each of those beyond the first 65,536 by itself.
    rare = "".join(chr(0x1F300 + 2 * number) for number in range(240))
    assert longest_text(f"[{rare}]*b") < longest_text("[a-z]*b") / 5


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a*a*a*b", "a"),
        ("^(-a*a)*$", "-a"),
        ("^(-(a*a)?)*$", "-a"),
        ("^((b*a{2})?-)*c", "baa-"),
        ("^(a*b+-)*c", "aabb-"),
        ("^(-?[ab]+,)*c", "-ab,"),
        ("^a*a*a*$", "a"),
        ("^(-[a-z]+)*$", "-a"),
        ("a*b", "a"),
        ("a?a?a?a?a?a?a?a?aaaaaaaa$", "a"),
        ("(a|b)*(a|c)*(a|d)*e", "a"),
        ("^[a-z]+(-[a-z]+)*$", "a-"),
        ("[ab]{40}c", "a"),
        ("([ab]{7}){7}c", "a"),
        ("(?m)^\\s*a", "\n"),
    ],
)
def test_the_longest_text_takes_no_more_steps_than_are_granted(pattern: str, text: str) -> None:
    assert_kept(pattern, (text * GRANTED)[: longest_text(pattern, GRANTED) - 1] + "!", GRANTED)


GRANTED = 20_000

STEPS = 10
"""Of our matcher, for one that is granted: a round of a repetition takes four, and what follows it
is tried at each."""


def assert_kept(pattern: str, text: str, granted: int) -> None:
    """Raises TooManySteps where a search takes more than is granted."""
    Backtracking(pattern).search(text, most=STEPS * granted)


REPETITIONS = ["*", "+", "?", "*?", "??", "{2}", "{3}", "{2,}", "{0,3}"]
items = st.sampled_from(["a", "b", "-", "A", "[ab]", "[^b]", "[a-c]", "[A-C]", ".", r"\w", r"\b"])
repetitions = st.sampled_from(REPETITIONS)
patterns = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "^", "(?i)", "(?i)^", "(?m)^", "(?s)"]),
    st.recursive(
        items,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map("".join),
            st.lists(inner, min_size=2, max_size=3).map("|".join).map("(?:{})".format),
            st.builds("{}{}".format, items, repetitions),
            st.builds("({}){}".format, inner, repetitions),
            st.builds("(-{})*".format, inner),
            st.builds("({}-)+".format, inner),
            st.builds("(?i:{})".format, inner),
        ),
        max_leaves=8,
    ),
    st.sampled_from(["", "$", "b$", "c"]),
)
pieces = st.text("abA-\n", min_size=1, max_size=4)


@example("^(-a*a*)*$", "", "-aa")
@example("^(-a?a?)*$", "", "-a")
@example("^(-a*a)*$", "", "-a")
@example("^(-a(a{0,9}a)?)*$", "", "-aa")
@example("(?i)^(a[A-Z]*)*$", "", "a")
@example("^(?i:a[A-Z]*)*$", "", "a")
@example("(-(a*)?)*$", "", "-")
@example("(-(a?a?b)?)*$", "", "-ab")
@example("((a{9}){9}){9}b", "", "a")
@example("(?m)^[^b]*c", "", "\n")
@settings(max_examples=300)
@given(patterns, pieces, pieces)
def test_no_text_of_the_length_allowed_takes_more_steps_than_granted(
    pattern: str, beginning: str, piece: str
) -> None:
    longest = min(_longest(pattern, GRANTED), 64)
    if not longest:
        return
    granted = bisect_left(range(GRANTED), longest, lo=1, key=partial(_longest, pattern))
    assert_kept(pattern, (beginning + piece * longest)[: longest - 1] + "!", granted)


def _longest(pattern: str, ways: int) -> int:
    try:
        return longest_text(pattern, ways)
    except InvalidPattern:
        return 0


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@given(patterns, st.text("abA-\n!", max_size=12))
def test_the_matcher_that_counts_matches_as_pythons_own(pattern: str, text: str) -> None:
    try:
        found = re.search(pattern, text)
    except re.error:
        return
    span = Backtracking(pattern).search(text, most=1_000_000).span
    assert span == (found.span() if found else None)
