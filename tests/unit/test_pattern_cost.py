"""What a regular expression may cost."""

from __future__ import annotations

import re
import time

import pytest

from hookline.domain.pattern_cost import InvalidPattern, longest_text


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
        ("(a|aa)+$", "alternatives within a repetition"),
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


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        ("a*a*a*b", "a"),
        ("^a*a*a*$", "a"),
        ("^(-[a-z]+)*$", "-a"),
        ("a*b", "a"),
        ("a?a?a?a?a?a?a?a?aaaaaaaa$", "a"),
        ("(a|b)*(a|c)*(a|d)*e", "a"),
        ("^[a-z]+(-[a-z]+)*$", "a-"),
    ],
)
def test_the_longest_text_is_searched_soon(pattern: str, piece: str) -> None:
    length = min(longest_text(pattern), 200_000)
    text = (piece * length)[: length - 1] + "!"
    started = time.process_time()
    assert not re.search(pattern, text)
    assert time.process_time() - started < 5  # measured: at most 0.4
