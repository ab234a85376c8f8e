"""Mustache templates."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pystache
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.mustache_tree import parse
from hookline.domain.sandbox.templates import check_template, render

SPEC = json.loads(
    (Path(__file__).parents[1] / "vectors" / "mustache-spec.json").read_text(encoding="utf-8")
)["tests"]
NASTY = 'a "quote", a \\ backslash,\na line break\tand a tab, \x00, 😀 <b>&amp;</b> \u2028'


def plain(template: str, context: dict[str, object]) -> str:
    return render(template, context, "text/plain")


# -- the language ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SPEC, ids=lambda case: case["name"])
def test_the_specification(case: dict[str, object]) -> None:
    assert render(str(case["template"]), case["data"], "text/html") == case["expected"]  # type: ignore[arg-type]  # read from JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (0, "0"), (1.5, "1.5"), (10**30, "1" + "0" * 30),
     ({"a": [1, None]}, '{"a":[1,null]}'), ([], "[]")],
)  # fmt: skip
def test_values_are_printed_as_json_has_them_and_null_as_nothing(value: object, text: str) -> None:
    assert plain("{{v}}|{{{v}}}", {"v": value}) == f"{text}|{text}"


@pytest.mark.parametrize("value", [None, False, 0, "", []])
def test_what_is_false_or_empty_skips_its_section(value: object) -> None:
    assert plain("{{#v}}yes{{/v}}{{^v}}no{{/v}}", {"v": value}) == "no"


@pytest.mark.parametrize("value", [True, 1, "x", {}, {"a": 1}, [0]])
def test_everything_else_enters_it(value: object) -> None:
    assert plain("{{#v}}yes{{/v}}{{^v}}no{{/v}}", {"v": value}) == "yes"


def test_items_of_a_list_are_reached_by_number() -> None:
    context: dict[str, object] = {"tags": [{"value": "a"}, {"value": "b"}]}
    assert plain("{{tags.1.value}}{{tags.2.value}}{{tags.-1.value}}", context) == "b"


@pytest.mark.parametrize("name", ["data", "data.tags", "data.missing", "."])
def test_the_json_section_prints_any_value_as_json(name: str) -> None:
    context: dict[str, object] = {"data": {"tags": ["a", None, NASTY], "n": 1}}
    wanted = {
        "data": context["data"],
        "data.tags": ["a", None, NASTY],
        "data.missing": None,
        ".": context,
    }[name]
    body = render(f'{{"v": {{{{#json}}}} {name} {{{{/json}}}}}}', context, "application/json")
    assert json.loads(body) == {"v": wanted}


def test_the_json_section_works_inside_of_others() -> None:
    context: dict[str, object] = {"items": [{"a": 1}, {"a": 2}]}
    template = "{{#items}}{{#json}}.{{/json}};{{#json}}a{{/json}} {{/items}}"
    assert plain(template, context) == '{"a":1};1 {"a":2};2 '


def test_what_values_hold_is_never_taken_for_a_template() -> None:
    context: dict[str, object] = {"v": "{{secret}}", "secret": "s"}
    assert (
        plain("{{v}} {{{v}}} {{#json}}v{{/json}}", context) == '{{secret}} {{secret}} "{{secret}}"'
    )


# -- escaping --------------------------------------------------------------------------------------

JSON_TYPES = ["application/json", "Application/JSON; charset=utf-8", "application/hal+json"]


@pytest.mark.parametrize("content_type", JSON_TYPES)
def test_values_stay_inside_of_their_json_string(content_type: str) -> None:
    assert json.loads(render('{"v": "{{v}}"}', {"v": NASTY}, content_type)) == {"v": NASTY}


def test_values_stay_inside_of_their_form_field() -> None:
    body = render("a={{v}}&b={{{raw}}}&c={{#json}}o{{/json}}",
                  {"v": NASTY, "raw": "x%20y", "o": {"k": "&="}},
                  "application/x-www-form-urlencoded")  # fmt: skip
    assert parse_qs(body) == {"a": [NASTY], "b": ["x y"], "c": ['{"k":"&="}']}


@pytest.mark.parametrize("content_type", ["application/xml", "text/xml", "application/soap+xml"])
def test_values_stay_inside_of_their_element_and_attribute(content_type: str) -> None:
    body = render('<a b="{{v}}">{{v}}</a>', {"v": NASTY}, content_type)
    document = ET.fromstring(body)  # noqa: S314 - of this test's own making
    wanted = NASTY.replace("\x00", "\ufffd")
    assert document.text == wanted
    assert document.get("b") == wanted.replace("\n", " ").replace("\t", " ")


def test_html_is_escaped_and_plain_text_is_not() -> None:
    assert render("{{v}}", {"v": "<&\"'>"}, "text/html") == "&lt;&amp;&quot;&#x27;&gt;"
    assert render("{{v}}", {"v": "<&\"'>"}, "text/plain") == "<&\"'>"


@given(st.text())
def test_any_text_in_a_json_template_gives_json_that_holds_it(text: str) -> None:
    body = render('{"v": "{{v}}", "w": {{#json}}v{{/json}}}', {"v": text}, "application/json")
    assert json.loads(body) == {"v": text, "w": text}


@given(st.text())
def test_any_text_in_a_form_template_is_read_back(text: str) -> None:
    body = render("v={{v}}", {"v": text}, "application/x-www-form-urlencoded")
    assert parse_qs(body, keep_blank_values=True) == {"v": [text]}


# -- what is checked at save -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "message", "line", "column"),
    [
        ("ab\n c {{name", "The tag is never closed", 2, 4),
        ("{{{name}}", "never closed by }}}", 1, 1),
        ("{{#a}}\n{{#b}}{{/b}}", "The section a is never closed", 1, 1),
        ("{{^a}}", "The section a is never closed", 1, 1),
        ("x{{/a}}", "The section a was never opened", 1, 2),
        ("{{#a}}{{#b}}{{/a}}{{/b}}", "The section b is open here, not a", 1, 13),
        ("{{}}", "The tag is empty", 1, 1),
        ("{{ # }}", "The tag is empty", 1, 1),
        ("{{!}}{{a}}", "The tag is empty", 1, 1),
        ("{{! }}{{a}}", "The tag is empty", 1, 1),
        ("{{{ }}}", "The name is missing", 1, 1),
        ("{{>/etc/passwd}}", "Partials are not available", 1, 1),
        ("\n\n  {{> a }}", "Partials are not available", 3, 3),
        ("{{=<%=}}", "Delimiters are set as in", 1, 1),
        ("{{=a b c=}}", "Delimiters are set as in", 1, 1),
        ("{{=<% %>=}}<%#a%>", "The section a is never closed", 1, 12),
        ("{{a{b}}", "A name holds a brace", 1, 1),
        ("{{a\nb}}", "A name holds a brace, a delimiter or a line break", 1, 1),
        ("{{" + "a" * 257 + "}}", "longer than 256", 1, 1),
        ("{{#a}}" * 33 + "{{/a}}" * 33, "deeper than 32", 1, 193),
        ("{{#json}}{{a}}{{/json}}", "one name and nothing else", 1, 10),
        ("{{#json}} {{/json}}", "The name is missing", 1, 10),
        ("{{^json}}a{{/json}}", "cannot be inverted", 1, 1),
        ("{{a}}" * 4_097, "More than 4096 tags", 1, 20_481),
        ("a" + " " * 65, "More than 64 blanks", 1, 2),
        ("ü" * 65_537, "larger than 131072 bytes", 1, 1),
    ],
)
def test_a_broken_template_is_refused_with_its_place(
    template: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(InvalidTemplate, match=message) as caught:
        check_template(template)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.detail.endswith(f", at line {line}, column {column}")


def test_the_largest_template_passes() -> None:
    check_template("{{#a}}" * 32 + "x" * (128 * 1024 - 12 * 32) + "{{/a}}" * 32)


# -- against the library ---------------------------------------------------------------------------


class Library(pystache.Renderer):  # type: ignore[misc]  # it ships no types
    def str_coerce(self, val: object) -> str:
        return json.dumps(val, separators=(",", ":"), ensure_ascii=False)


pieces = st.sampled_from(
    ["{{a}}", "{{{a}}}", "{{&b}}", "{{ a.b }}", "{{#l}}", "{{/l}}", "{{#a}}", "{{/a}}", "{{^x}}",
     "{{/x}}", "{{.}}", "{{! note }}", "{{=<% %>=}}", "<%={{ }}=%>", "<% a %>", "{", "}", "\n", " ",
     "  ", "\r\n", "text", "{{", "}}", "{{!", "!", "#", "<%", "%>", "=", "}}}"]
)  # fmt: skip
data = st.recursive(
    st.text("xy<\"\n", min_size=1, max_size=3) | st.integers(1, 9),
    lambda inner: st.lists(inner, min_size=1, max_size=3)
    | st.dictionaries(st.sampled_from("abl"), inner, min_size=1),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(pieces, max_size=20).map("".join), st.dictionaries(st.sampled_from("abl"), data))
def test_what_passes_the_lint_is_rendered_as_the_library_does(
    template: str, context: dict[str, object]
) -> None:
    try:
        ours = plain(template, context)
    except InvalidTemplate:
        return
    library = Library(escape=lambda text: text)
    assert ours == library.render(template, context)


@given(st.text("{}#^/!&=>ab. \n<%json", max_size=40))
def test_any_text_is_a_template_or_refused(template: str) -> None:
    try:
        check_template(template)
    except InvalidTemplate:
        return
    assert isinstance(plain(template, {"a": {"b": 1}}), str)


# -- use from many threads -------------------------------------------------------------------------


def test_a_template_is_parsed_once_and_rendered_by_many_threads() -> None:
    template = "{{#items}}{{name}},{{/items}}"
    assert parse(template) is parse(template)
    contexts = [{"items": [{"name": str(n)}] * 3} for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        rendered = list(pool.map(lambda context: plain(template, context), contexts))
    assert rendered == [f"{n}," * 3 for n in range(200)]
