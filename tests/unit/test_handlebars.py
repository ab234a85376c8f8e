"""Handlebars: the language's own test data, and what strangers may write with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.output import MAX_STEPS, TemplateFailed
from hookline.domain.sandbox.templates import check_template, render
from tests.effort import Effort, moves_of

SPECIFICATION = json.loads(
    (Path(__file__).parents[1] / "vectors" / "handlebars.json").read_text(encoding="utf-8")
)
CASES = SPECIFICATION["cases"]


def made(template: str, context: Any = None, content_type: str = "text/plain") -> str:
    return render(template, context or {}, content_type, "handlebars")


def refused(template: str) -> InvalidTemplate:
    with pytest.raises(InvalidTemplate) as caught:
        check_template(template, "handlebars")
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_language_s_own_test_data_pass(case: dict[str, Any]) -> None:
    if case.get("refused"):
        refused(case["template"])
    elif "result" in case:
        assert render(case["template"], case["data"], "text/html", "handlebars") == case["result"]
    else:
        check_template(case["template"], "handlebars")


def test_all_of_them_are_there_or_skipped_with_a_reason() -> None:
    skipped = SPECIFICATION["skipped"]
    assert (len(CASES), sum(map(len, skipped.values()))) == (238, 393)
    for reason in skipped:
        assert reason.startswith(
            ("needs a", "a raw block", "its data hold", "an option of the compiler", "passes data",
             "tells of the lexer", "Handlebars.java")
        )  # fmt: skip


@pytest.mark.parametrize(
    ("template", "content_type", "result"),
    [
        ('{"a": "{{a}}", "b": {{json b}}}', "application/json", '{"a": "\\"x\\"", "b": [19.5]}'),
        ('{"a": {{#if a}}{{json a}}{{/if}}}', "application/json", '{"a": "\\"x\\""}'),
        ("a={{a}}", "application/x-www-form-urlencoded", "a=%22x%22"),
        ("{{json b}}", "application/x-www-form-urlencoded", "%5B19.5%5D"),
        ("<p>{{a}}=</p>", "text/html", "<p>&quot;x&quot;=</p>"),
        ("{{a}} {{{a}}} {{&a}}", "text/plain", '"x" "x" "x"'),
        ("{{{a}}}", "application/json", '"x"'),
        ('{{lookup (json b) "length"}}', "text/plain", "6"),
        ("{{#each m}}{{@key}}{{@../root.a}}{{this}} {{/each}}", "text/plain", 'p"x"1 q"x"2 '),
        ("{{b.length}} {{a.length}} {{b.[0]}} {{b.0}}", "text/plain", "1 3 19.5 19.5"),
        ("{{m}}", "text/plain", "[object Object]"),
    ],
)
def test_values_are_escaped_for_what_is_made(template: str, content_type: str, result: str) -> None:
    context = {"a": '"x"', "b": [19.5], "m": {"p": 1, "q": 2}}
    assert made(template, context, content_type) == result


@pytest.mark.parametrize(
    ("template", "says", "line", "column"),
    [
        ("a\n {{upper x}}", "There is no helper upper", 2, 4),
        ("{{#if a b}}{{/if}}", "if takes 1 parameter", 1, 4),
        ("{{> part}}", "Partials are not available", 1, 1),
        ("{{#> part}}{{/part}}", "Partials are not available", 1, 1),
        ('{{#*inline "a"}}{{/inline}}', "Decorators are not available", 1, 1),
        ("{{{{raw}}}}{{{{/raw}}}}", "Raw blocks", 1, 1),
        ("{{if a}}", "if is a block", 1, 3),
        ("{{#json a}}{{/json}}", "There is no helper json", 1, 4),
        ("{{#a}}", "The block a is never closed", 1, 4),
        ("{{#a}}{{/b}}", "The block a is open here, not b", 1, 7),
        ("{{#a}}{{else}}{{else}}{{/a}}", "more than one else", 1, 15),
        ("{{else}}", "no block that this else belongs to", 1, 1),
        ("{{/a}}", "no block that this end of a block", 1, 1),
        ("{{! never", "The comment is never closed", 1, 1),
        ("{{a", "broken here, or never closed", 1, 3),
        ("{{}}", "A name is missing", 1, 3),
        ("{{#if a zero=1}}{{/if}}", "if has no option zero", 1, 4),
        ("{{#each a as |x y z|}}{{/each}}", "one or two names", 1, 20),
        ("{{#a}}" * 33, "nested deeper than 32", 1, 193),
        ("{{a}}" * 4_097, "More than 4096 tags", 1, 20_481),
        ("{{json " + "(json " * 20 + "a", "nested deeper than 16", 1, 104),
        ("x" * 131_073, "larger than 131072 bytes", 1, 1),
        ("{{" + "a" * 257 + "}}", "longer than 256 characters", 1, 3),
    ],
)
def test_what_is_not_there_is_refused_with_line_and_column(
    template: str, says: str, line: int, column: int
) -> None:
    fault = refused(template)
    assert says in fault.message
    assert (fault.line, fault.column) == (line, column)


HOSTILE = {
    "each within each": ("{{#each @root.a}}" * 8 + "x" + "{{/each}}" * 8, {"a": list(range(50))}),
    "each over each": (
        "{{#each a}}{{#each ../a}}{{#each ../../a}}x{{/each}}{{/each}}{{/each}}",
        {"a": [[number] for number in range(200)]},
    ),
    "a huge map": ("{{#each m}}{{@key}}{{/each}}", {"m": {str(n): n for n in range(100_000)}}),
    "long texts": ("{{a}}" * 400, {"a": "x" * 10_000}),
    "json of much, often": ("{{#each m}}{{lookup (json ../m) 0}}{{/each}}",
                            {"m": list(range(20_000))}),
    "a list of lists": ("{{m}}" * 100, {"m": [[[n] * 10] * 10 for n in range(100)]}),
}  # fmt: skip


@pytest.mark.parametrize(("template", "context"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_templates_end_with_a_clear_error(template: str, context: Any) -> None:
    check_template(template, "handlebars")
    with Effort(most=30 * MAX_STEPS), pytest.raises(TemplateFailed) as caught:
        made(template, context)
    assert "The template takes more than" in str(caught.value) or "larger" in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{__class__}}{{a.__class__}}{{a.__class__.__mro__}}{{a.upper}}",
        '{{lookup a "__class__"}}{{lookup this "__init__"}}{{lookup a "constructor"}}',
        "{{#with a}}{{__doc__}}{{../__dict__}}{{/with}}",
        "{{../a}}{{../../../../a}}{{#each b}}{{../../../a}}{{/each}}{{@../../root.a}}",
        "{{@root.__class__}}{{@__class__}}{{@foo}}{{a.[-1]}}{{b.[99]}}",
    ],
)
def test_nothing_but_plain_data_can_be_reached(template: str) -> None:
    assert made(template, {"a": "text", "b": [1]}) == ""


@pytest.mark.parametrize(
    "part", ["{{a}}", "{{#a}}{{/a}}", "\\{{", "\\\\{{a}}", "{{! x }}\n", "{{!-- -- --}}", "   \n"]
)
def test_parsing_is_linear_in_the_template(part: str) -> None:
    def parsing(times: int) -> int:
        return moves_of(lambda: check_template(f"{times}" + part * times, "handlebars"))

    assert parsing(2_000) < 3 * parsing(1_000)


PIECES = ["{{", "}}", "{{#if a}}", "{{/if}}", "{{else}}", "{{^}}", "{{~", "~}}", "a", ".", "../",
          "\n", "{{!--", "--}}", "\\", "{{{", "}}}", "[", "]", '"', "(", ")", "=", "|", "as |x|",
          "@", " ", "{{#each a}}", "{{/each}}", "{{json a}}", "1", "é"]  # fmt: skip
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)  # as JSON has them
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), plain)
def test_whatever_is_written_renders_or_is_refused(template: str, value: object) -> None:
    try:
        check_template(template, "handlebars")
    except InvalidTemplate:
        return
    made(template, {"a": value})


@given(st.text())
def test_text_without_tags_stays_as_it_is(text: str) -> None:
    if "{{" not in text:
        assert made(text) == text
