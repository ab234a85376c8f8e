"""Event types and subscription patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.event.fields import PATTERN
from hookline.domain.event.patterns import matches, patterns_for, validate_type

event_types = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,40}", fullmatch=True)
dotted_types = st.lists(st.sampled_from(["a", "b", "", "hookline"]), min_size=1, max_size=5).map(
    ".".join
)
types = (event_types | dotted_types).filter(lambda text: validate_type(text) is None)


@pytest.mark.parametrize(
    "good", ["a", "flow.created", "Flow.Executed", "feature-created", "FEATURE_UPDATED", "a:b", "1"]
)
def test_types_of_the_reference_systems_are_types(good: str) -> None:
    assert validate_type(good) is None
    assert PATTERN.problem(good) is None


@pytest.mark.parametrize("bad", ["", ".a", "-a", "a b", "a*", "ä", "a\n", "a" * 129, "*"])
def test_a_type_of_other_characters_is_refused(bad: str) -> None:
    assert "1 to 128" in str(validate_type(bad))


@pytest.mark.parametrize("good", ["*", "flow.*", "a.b.*", "hookline.*", "a" * 126 + ".*"])
def test_prefixes_at_a_dot_and_the_star_are_patterns(good: str) -> None:
    assert PATTERN.problem(good) is None


@pytest.mark.parametrize("bad", [".*", "flow*", "*.created", "flow.*.x", "**", "flow.**", "a\n"])
def test_a_star_elsewhere_is_refused(bad: str) -> None:
    assert "prefix at a dot" in str(PATTERN.problem(bad))


@pytest.mark.parametrize("bad", ["", "a" * 129, "a" * 127 + ".*"])
def test_a_pattern_has_1_to_128_characters(bad: str) -> None:
    assert "1 to 128 characters" in str(PATTERN.problem(bad))


def test_a_type_is_looked_up_under_itself_its_prefixes_and_the_star() -> None:
    assert patterns_for("a.b.c") == ("a.b.c", "a.b.*", "a.*", "*")


def test_the_star_leaves_out_the_platforms_own_types() -> None:
    assert patterns_for("hookline.webhook.disabled") == (
        "hookline.webhook.disabled",
        "hookline.webhook.*",
        "hookline.*",
    )
    assert patterns_for("hookline") == ("hookline", "*")
    assert patterns_for("hooklines.a")[-1] == "*"


@given(types, types, types)
def test_looking_up_finds_exactly_the_patterns_that_match(event: str, one: str, other: str) -> None:
    wanted = patterns_for(event)
    for pattern in (one, one + ".*", other, "*", *patterns_for(one), *wanted):
        assert (pattern in wanted) == matches(pattern, event)


@given(types)
def test_what_is_looked_up_can_be_subscribed_to(event: str) -> None:
    assert all(PATTERN.problem(pattern) is None for pattern in patterns_for(event))
