"""Activation of a feature for a context and a user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.event.activation import (
    MAX_TEXT_BYTES,
    Activation,
    activation_of,
    bucket,
    resolve,
)
from tests.unit.flags import SUNDAY_NOON, active, on_condition

BUCKETS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "activation-buckets.json").read_text(encoding="utf-8")
)["buckets"]

ON = {"enabled": True, "resultType": "boolean", "conditions": []}
OFF = {"enabled": False, "resultType": "boolean", "conditions": []}


# -- the strategy of a context ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "found"),
    [
        (None, "base"),
        ("", "base"),
        ("prod", "prod"),
        ("prod/mobile", "mobile"),
        ("prod/mobile/ios", "mobile"),
        ("prod/web/chrome", "prod"),
        ("/prod/mobile/", "mobile"),
        ("production", "base"),
        ("prod/mobiles", "prod"),
        ("dev", "base"),
    ],
)
def test_the_nearest_ancestor_by_path_segment_decides(context: str | None, found: str) -> None:
    strategies = {"": "base", "prod": "prod", "prod/mobile": "mobile"}
    assert resolve(strategies, context or "") == found


def test_an_overload_replaces_the_whole_strategy() -> None:
    feature = {"name": "f", "strategies": {"": on_condition(rule={"users": ["foo"]}), "prod": ON}}
    assert activation_of(feature, "prod", "bar", SUNDAY_NOON) == Activation(True)
    assert activation_of(feature, "dev", "bar", SUNDAY_NOON) == Activation(False)


# -- boolean results -------------------------------------------------------------------------------


def test_a_text_that_would_not_fit_beside_an_attempt_is_a_problem_and_not_sent() -> None:
    fits, beyond = "é" * (MAX_TEXT_BYTES // 2), "\x01" * (MAX_TEXT_BYTES // 6 + 1)
    valued = {"enabled": True, "resultType": "string"}
    assert active(valued | {"value": fits}) == Activation(fits)
    problem = "the value must not have more than 65536 bytes"
    assert active(valued | {"value": beyond}) == Activation(None, problem)
    conditions = [{"rule": {"users": ["u"]}, "value": beyond}]
    assert active(valued | {"value": fits, "conditions": conditions}, user="u").problem == problem


def test_disabled_is_false_and_enabled_without_conditions_is_true() -> None:
    assert active(OFF) == Activation(False)
    assert active(ON) == Activation(True)
    assert active({"enabled": True}) == Activation(True)
    assert active(OFF | {"conditions": [{}]}) == Activation(False)


def test_any_condition_is_enough() -> None:
    strategy = ON | {"conditions": [{"rule": {"users": ["foo"]}}, {"rule": {"users": ["bar"]}}]}
    assert active(strategy, user="bar") == Activation(True)
    assert active(strategy, user="baz") == Activation(False)


@pytest.mark.parametrize("rule", [None, {}])
def test_an_absent_or_empty_rule_is_for_everybody(rule: object) -> None:
    assert active(on_condition(rule=rule)) == Activation(True)
    assert active(on_condition(period=None, rule=rule)) == Activation(True)


def test_users_are_compared_exactly() -> None:
    strategy = on_condition(rule={"users": ["foo"]})
    assert active(strategy, user="foo") == Activation(True)
    assert active(strategy, user="Foo") == Activation(False)
    assert active(strategy) == Activation(False)


# -- percentages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", BUCKETS, ids=lambda vector: f"{vector['name']}-{vector['user']}")
def test_buckets_are_those_of_the_reference_system(vector: dict[str, Any]) -> None:
    assert bucket(vector["name"], vector["user"]) == vector["bucket"]


@pytest.mark.parametrize("vector", BUCKETS, ids=lambda vector: f"{vector['name']}-{vector['user']}")
def test_a_percentage_is_active_from_the_bucket_on(vector: dict[str, Any]) -> None:
    for percentage in (0, vector["bucket"] - 1, vector["bucket"], 100):
        outcome = active(
            on_condition(rule={"percentage": percentage}),
            user=vector["user"] or None,
            name=vector["name"],
        )
        assert outcome == Activation(vector["bucket"] <= percentage)


@given(st.text(), st.text())
def test_a_bucket_is_between_1_and_100(name: str, user: str) -> None:
    assert 1 <= bucket(name, user) <= 100


# -- string and number results ---------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "own", "special"), [("string", "a", "b"), ("number", 0, 1.5)])
def test_a_valued_strategy_gives_the_first_holding_conditions_value_else_its_own(
    kind: str, own: object, special: object
) -> None:
    strategy = {
        "enabled": True,
        "resultType": kind,
        "value": own,
        "conditions": [
            {"rule": {"users": ["nobody"]}, "value": "wrong"},
            {"rule": {"users": ["foo"]}, "value": special},
            {"value": "never reached", "rule": {"users": ["foo"]}},
        ],
    }
    assert active(strategy, user="foo").value == special
    assert active(strategy, user="bar").value == own
    assert active(strategy | {"enabled": False}, user="foo") == Activation(None)
    assert active(strategy | {"conditions": []}).value == own


# -- what makes no sense ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "problem"),
    [
        (None, "no strategy for the context and no base"),
        ([], "a strategy must be an object"),
        ({}, "enabled must be true or false"),
        ({"enabled": "yes"}, "enabled must be"),
        (ON | {"conditions": {}}, "conditions must be a list"),
        (ON | {"resultType": "wasm"}, "resultType must be"),
        (ON | {"resultType": ["string"]}, "resultType must be"),
        (ON | {"conditions": [3]}, "a condition must be an object"),
        (on_condition(rule=[1]), "a rule must have"),
        (on_condition(rule={"script": "x"}), "a rule must have"),
        (on_condition(rule={"percentage": "25"}), "percentage must be a number"),
        (on_condition(rule={"percentage": True}), "percentage must be a number"),
        (on_condition(rule={"users": "foo"}), "users must be a list"),
        (on_condition(period="always"), "a period must be an object"),
        (on_condition(period={"begin": "soon"}), "begin must be"),
        (on_condition(period={"end": 5}), "end must be"),
        (on_condition(period={"begin": "0001-01-01T00:00:00+14:00"}), "begin must be"),
        (on_condition(period={"timezone": "Mars/Base"}), "no timezone Mars/Base"),
        (on_condition(period={"timezone": "../../etc/passwd"}), "no timezone"),
        (on_condition(period={"timezone": "Europe"}), "no timezone Europe"),
        (on_condition(period={"timezone": "+99:00"}), "no timezone"),
        (on_condition(period={"timezone": 1}), "timezone must be a name"),
        (on_condition(period={"activationDays": ["MONDAY"]}), "activationDays must have days"),
        (on_condition(period={"activationDays": {"days": ["Mon"]}}), "activationDays must have"),
        (on_condition(period={"activationDays": {"days": [[]]}}), "activationDays must have"),
        (on_condition(period={"hourPeriods": {}}), "hourPeriods must be a list"),
        (on_condition(period={"hourPeriods": [1]}), "an hour period must be an object"),
        (on_condition(period={"hourPeriods": [{"startTime": "8"}]}), "startTime and endTime"),
        (
            on_condition(period={"hourPeriods": [{"startTime": "08:00Z", "endTime": "09:00Z"}]}),
            "without an offset",
        ),
    ],
)
def test_a_strategy_that_makes_no_sense_is_inactive_and_says_why(
    strategy: object, problem: str
) -> None:
    outcome = active(strategy)
    assert outcome.value is False
    assert outcome.problem is not None
    assert problem in outcome.problem


@pytest.mark.parametrize("strategies", [None, [], "x", 3])
def test_strategies_of_another_kind_are_inactive(strategies: object) -> None:
    outcome = activation_of({"name": "f", "strategies": strategies}, "a", "u", SUNDAY_NOON)
    assert outcome == Activation(False, "strategies must be an object keyed by context path")


def test_a_broken_condition_does_not_hide_one_that_holds() -> None:
    strategy = ON | {"conditions": [{"rule": {"users": 1}}, {"rule": {"users": ["foo"]}}]}
    assert active(strategy, user="foo") == Activation(True)
    assert active(strategy, user="bar") == Activation(False, "users must be a list")


def test_a_value_of_the_wrong_kind_is_not_given() -> None:
    strategy = {"enabled": True, "resultType": "number", "value": "12"}
    assert active(strategy) == Activation(None, "the value must be a number")


def test_the_plain_form_tells_the_value_and_the_problem() -> None:
    assert Activation(None).as_plain() == {"active": None}
    assert Activation(False, "why").as_plain() == {"active": False, "activation_problem": "why"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "",
                    "prod",
                    "enabled",
                    "resultType",
                    "conditions",
                    "period",
                    "rule",
                    "users",
                    "begin",
                    "percentage",
                    "hourPeriods",
                    "startTime",
                    "endTime",
                    "timezone",
                    "activationDays",
                ]
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values, st.text(max_size=9), st.text(max_size=3))
def test_nothing_a_publisher_writes_raises(strategies: Any, context: str, user: str) -> None:
    outcome = activation_of({"name": "f", "strategies": strategies}, context, user, SUNDAY_NOON)
    assert isinstance(outcome, Activation)
