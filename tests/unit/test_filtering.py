"""JMESPath within bounds."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.expressions import (
    MAX_STEPS,
    Expression,
    ExpressionFailed,
    InvalidExpression,
    compile_expression,
    truthy,
)
from tests.effort import Effort

EVENT = {
    "type": "flow.executed",
    "project": "shop",
    "data": {
        "status": "error",
        "rows": 12,
        "tags": ["a", "b"],
        "items": [{"id": 1, "ok": True}, {"id": 2, "ok": False}],
    },
    "tags": [],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.rows", 12),
        ("data.status == 'error' && data.rows > `10`", True),
        ("data.items[?ok].id", [1]),
        ("data.items[].id | sum(@)", 3),
        ("data.tags[::-1]", ["b", "a"]),
        ("contains(data.tags, 'a')", True),
        ("contains(data.status, 'err')", True),
        ("contains(`[1, 2]`, `1.0`)", True),
        ("contains(`[1]`, `true`)", False),
        ("to_string(data.tags)", '["a","b"]'),
        ("to_string(type)", "flow.executed"),
        ("to_number('1e999')", None),
        ("to_number('12')", 12),
        ("to_number('1.5')", 1.5),
        ("to_number('twelve')", None),
        ("to_number(data.rows)", 12),
        ("to_number(`true`)", None),
        ("`true` < `2`", None),
        ("join('-', data.tags)", "a-b"),
        ("sort_by(data.items, &id)[-1].id", 2),
        ("missing.name", None),
        ("data.status > `1`.x", None),
        ("data.status < data.rows", None),
        ("data.status < 'f'", True),
        ("`" + "[" * 32 + "]" * 32 + '` | [0] && `[{}, {"a": []}]`[0]', {}),
        ("{n: data.rows}", {"n": 12}),
    ],
)
def test_an_expression_selects_what_the_specification_says(text: str, value: object) -> None:
    assert compile_expression(text).evaluate(EVENT) == value


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_null_false_and_what_is_empty_are_not_true(value: object) -> None:
    assert not truthy(value)


@pytest.mark.parametrize("value", [True, 0, 1, "0", [None], {"a": None}])
def test_everything_else_is_true_zero_included(value: object) -> None:
    assert truthy(value)


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("", "empty", 0),
        ("data.", "ends too early", 5),
        ("a ==", "ends too early", 4),
        ("data..x", "Unexpected '.'", 5),
        ("a | | b", "Unexpected '|'", 4),
        ("a == 'x", "Unclosed", 5),
        ("a = b", "malformed", 2),
        ("a # b", "malformed", 2),
        ("data[?x", "ends too early", 7),
        ("a && frobnicate(b)", r"no function frobnicate\(\)", 5),
        ("length(a, b)", "takes 1 arguments, not 2", 0),
        ("merge()", "takes at least 1", 0),
        ("(" * 33 + "a" + ")" * 33, "deeper than 32", 32),
        ("a == `" + '[{"a":' * 17 + "1" + "}]" * 17 + "`", "literal nests deeper than 32", 5),
        ("a == `NaN`", "NaN is not JSON", 5),
        ("a < `[1e400]`", "1e400 is too large to be kept", 4),
        (f"a < `{'9' * 400}`", "more than 309 digits", 4),
        ('a == `{"b": 1, "b": 2}`', 'key "b" occurs twice', 5),
        ('a == `"\\ud800"`', "lone surrogate", 5),
        ('{"\\ud800": a}', "lone surrogate", 1),
        ("!" * 4_000 + "a", "deeper than 128", 0),
        ("a" + "[*]" * 1_300, "deeper than 128", 0),
        ("a" + "|a" * 1_300, "deeper than 128", 0),
        ("a" * 4_097, "longer than 4096 bytes", 4_096),
        ("'" + "é" * 2_048, "longer than 4096 bytes", 4_096),
    ],
)
def test_a_bad_expression_is_refused_with_its_position(
    text: str, reason: str, position: int
) -> None:
    with pytest.raises(InvalidExpression, match=reason) as caught:
        compile_expression(text)
    assert caught.value.position == position
    assert caught.value.detail.endswith(f", at character {position}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("length(data.rows)", r"length\(\) takes string or array or object, not number"),
        ("sum(data.tags)", r"sum\(\) takes array-number, not"),
        ("data.items[::0]", "step cannot be zero"),
        ("&data", "not a value of JSON"),
        ("to_string(&data)", "not a value of JSON"),
    ],
)
def test_a_function_given_the_wrong_thing_fails_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ExpressionFailed, match=reason):
        compile_expression(text).evaluate(EVENT)


def test_a_failure_does_not_quote_the_value() -> None:
    with pytest.raises(ExpressionFailed) as caught:
        compile_expression("abs(@)").evaluate("hunter2")
    assert "hunter2" not in str(caught.value)


# Without a meter these come to some 100 MB: enough to fail, too little to bring a machine down.
DOUBLED = "[@, @]" + " | [@, @]" * 17
HOSTILE = {
    "flattened": "[@, @][]" + " | [@, @][]" * 24,
    "printed": f"{DOUBLED} | to_string(@)",
    "compared": f"({DOUBLED}) == ({DOUBLED})",
    "compared to another": f"({DOUBLED}) == ({DOUBLED.replace('@', '@.a')})",
    "contained": f"contains([{DOUBLED}], ({DOUBLED}))",
    "returned": DOUBLED,
    "joined": "to_string(@)" + " | join('', [@, @])" * 19,
    "projected": "[@, @, @, @][*]" + ".[@, @, @, @][*]" * 12,
    "mapped": "[@, @, @, @] | " + " | ".join(["map(&[@, @, @, @], @) | []"] * 20),
    "reversed": "data.items" + " | [@, @][] | reverse(@)" * 23,
    "sorted": "['aaaaaaaaaaaaaaaaaaaaaaa', 'b']" + " | [@, @][] | sort(@)" * 23,
    "sliced": "data.items" + " | [@, @][] | [::-1]" * 23,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_explosive_expression_stops_within_its_steps(text: str) -> None:
    expression = compile_expression(text)

    def evaluate() -> None:
        with pytest.raises(ExpressionFailed, match="more than 100000 steps"):
            expression.evaluate(EVENT)

    with Effort(most=5 * MAX_STEPS):  # counted: at most 3.8 a step
        evaluate()
    tracemalloc.start()
    try:
        evaluate()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * 1024 * 1024


def test_a_large_event_stays_within_the_steps() -> None:
    items = [{"id": number, "name": "x" * 20} for number in range(5_000)]
    assert compile_expression("length(items[?id >= `4000`])").evaluate({"items": items}) == 1_000


def test_an_expression_is_compiled_once_and_serves_many_threads() -> None:
    expression = compile_expression("data.items[?ok].id | [0]")
    assert compile_expression("data.items[?ok].id | [0]") is expression
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(expression.evaluate, [EVENT] * 200))
    assert results == [1] * 200


def test_the_deepest_expressions_there_may_be_are_evaluated() -> None:
    mapped: list[object] = [1]
    for _ in range(31):
        mapped = [mapped]
    assert compile_expression("map(&" * 31 + "@" + ", @)" * 31).evaluate(mapped) == mapped
    assert compile_expression("||".join(["a"] * 127)).evaluate(EVENT) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "b"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b"]), children, max_size=3)
    ),
    max_leaves=10,
)
expressions = st.recursive(
    st.sampled_from(["a", "b", "@", "`1`", "'a'", "*", "[]", "[*]", "[0]", "[1:]"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" | ", " == ", " && ", " || "]), inner).map("".join),
        inner.map("[{0}, @]".format),
        inner.map("{{x: {0}}}".format),
        inner.map("not_null({0})".format),
        inner.map("to_array({0})[]".format),
        inner.map("to_array({0})[?@ == `1`]".format),
        inner.map("!({0})".format),
    ),
    max_leaves=6,
)


@given(expressions, values)
def test_bounded_evaluation_agrees_with_the_library(text: str, value: object) -> None:
    assert compile_expression(text).evaluate(value) == jmespath.search(text, value)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # literals of old JMESPath
@given(st.text("ab.[]*?@'`\"(){}:,|&!=<> 10-", max_size=30), values)
def test_any_text_is_compiled_or_refused_and_any_evaluation_ends(text: str, value: object) -> None:
    try:
        expression = compile_expression(text)
        expression.evaluate(value)
    except (InvalidExpression, ExpressionFailed):
        return
    assert isinstance(expression, Expression)
