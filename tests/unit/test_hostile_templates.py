"""Templates made to exhaust time or memory, or to reach what is not theirs."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from pystache.parser import _compile_template_re

from hookline.domain.sandbox import mustache_tree
from hookline.domain.sandbox.mustache_lint import MAX_TAGS, InvalidTemplate, lint
from hookline.domain.sandbox.templates import MAX_STEPS, TemplateFailed, render
from tests.backtracking import Backtracking
from tests.effort import Effort

MEGABYTE = 1024 * 1024
TEN = [1] * 10

STEPS = "more than 60000 steps"
OUTPUT = "larger than 262144 bytes"
UNCLOSED = "never closed"


def delimiters(changes: int, pairs: int) -> str:
    """A template that changes its delimiters so often, to so many different ones in turn."""
    opener, closer, text = "{{", "}}", ""
    for number in range(changes):
        following = f"<{number % pairs}", f"{number % pairs}>"
        text += f"{opener}={following[0]} {following[1]}={closer}"
        opener, closer = following
    return text


HOSTILE: dict[str, tuple[str, dict[str, Any], str]] = {
    "lists in lists": ("{{#l}}" * 7 + "x" + "{{/l}}" * 7, {"l": TEN}, STEPS),
    "nothing, very often": (
        "{{#l}}" * 32 + "{{/l}}" * 32,
        {"l": list(range(1, 50_000))},
        STEPS,
    ),
    "names nobody knows": (
        "{{#l}}" * 32 + "{{missing}}" * 1_000 + "{{/l}}" * 32,
        {"l": TEN},
        STEPS,
    ),
    "dotted names": (
        "{{#l}}" + ("{{" + "a." * 127 + "a}}") * 400 + "{{/l}}",
        {"l": TEN * 1_000, "a": {}},
        STEPS,
    ),
    "a lot of text": ("{{#l}}" + "x" * 120_000 + "{{/l}}", {"l": TEN * 10}, OUTPUT),
    "a lot of JSON": (
        "{{#l}}{{#json}}big{{/json}}{{/l}}",
        {"l": TEN * 10, "big": "é" * 100_000},
        OUTPUT,
    ),
    "a value that grows when escaped": (
        "{{#l}}{{big}}{{/l}}",
        {"l": TEN * 10, "big": "\x00" * 120_000},
        OUTPUT,
    ),
    "opened tags": ("{{" * 65_000, {}, UNCLOSED),
    "opened unescaped tags": ("{{{a" * 32_000, {}, UNCLOSED),
    "opened comments": ("{{!" * 43_000, {}, UNCLOSED),
    "braces": ("{" * 131_000, {}, UNCLOSED),
    "sections in sections": ("{{#a}}" * 20_000, {}, "deeper than 32"),
    "tags": ("{{a}}" * 26_000, {}, "More than 4096 tags"),
    "blanks": (" " * 20_000, {}, "More than 64 blanks"),
    "delimiters": (delimiters(4_095, 4_095), {}, "More than 16 different delimiters"),
}

HARMLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "as many tags as there may be": ("{{a}}" * 4_096, {"a": 1}),
    "as many sections": ("{{#a}}{{/a}}" * 2_048, {"a": 1}),
    "as many blanks": ((" " * 64 + "x") * 2_000, {}),
    "blanks in a comment": ("{{!" + (" " * 64 + "x") * 2_000 + "}}", {}),
    "blanks in tags": (("{{" + " " * 60 + "a" + " " * 60 + "}}") * 1_000, {"a": 1}),
    "long names": (("{{" + "a" * 250 + "}}") * 510, {"a": 1}),
    "as many delimiters": (delimiters(4_095, 15), {}),
}


MOVES = 60 * MAX_TAGS + 6 * MAX_STEPS
"""Counted: at most 52 to parse a tag, and 4.3 for a step of the rendering."""


def bounded(template: str, context: dict[str, Any]) -> str:
    """The outcome, which is little work and takes little memory."""
    mustache_tree.parse.cache_clear()
    with Effort(most=MOVES):
        outcome = _outcome(template, context)
    mustache_tree.parse.cache_clear()
    tracemalloc.start()
    try:
        _outcome(template, context)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEGABYTE
    return outcome


def _outcome(template: str, context: dict[str, Any]) -> str:
    try:
        return render(template, context, "application/json")
    except (TemplateFailed, InvalidTemplate) as error:
        return f"refused: {error}"


@pytest.mark.parametrize(("template", "context", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_ends_soon_and_small_with_a_clear_error(
    template: str, context: dict[str, Any], message: str
) -> None:
    outcome = bounded(template, context)
    assert outcome.startswith("refused: ")
    assert message in outcome


@pytest.mark.parametrize(("template", "context"), HARMLESS.values(), ids=HARMLESS.keys())
def test_the_worst_of_what_is_allowed_takes_no_more(template: str, context: dict[str, Any]) -> None:
    assert not bounded(template, context).startswith("refused")


BLANKS = " " * 60
PARSED = {
    "tags": "{{a}}",
    "sections": "{{#a}}{{/a}}",
    "unescaped tags": "{{{a}}}",
    "comments": "{{!" + "a" * 140 + "}}",
    "long names": "{{" + "a" * 250 + "}}",
    "blanks": " " * 64 + "x",
    "blanks in a comment": "{{!" + (" " * 64 + "x") * 2 + "}}",
    "blanks in tags": "{{" + BLANKS + "a" + BLANKS + "}}",
    "blanks in unescaped tags": "{{{" + BLANKS + "a" + BLANKS + "}" + BLANKS + "}}",
    "blanks after braces": "{" + BLANKS,
}


@pytest.mark.parametrize("piece", PARSED.values(), ids=PARSED.keys())
def test_what_is_allowed_is_parsed_by_work_linear_in_its_length(piece: str) -> None:
    """pystache searches for the next tag by one expression, which goes back over runs of blanks."""
    search = Backtracking(_compile_template_re(("{{", "}}")).pattern, re.VERBOSE)
    allowed = [piece * (length // len(piece)) for length in (300, 600)]
    for text in allowed:
        lint(text)
        assert search.find_all(text, most=200 * len(text))  # counted: at most 164 a character


@pytest.mark.parametrize(
    "probe",
    ["__class__", "v.__class__", "v.__class__.__mro__", "v.upper", "l.append", "l.__len__",
     "d.keys", "d.items", "n.real", "n.bit_length", "b.numerator", "_scopes", "self", "d.0", "l.x"],
)  # fmt: skip
def test_nothing_but_plain_data_is_reachable(probe: str) -> None:
    context = {"v": "text", "l": [1], "d": {"k": 1}, "n": 1, "b": True}
    template = f"[{{{{{probe}}}}}{{{{{{{probe}}}}}}}{{{{#{probe}}}}}yes{{{{/{probe}}}}}]"
    assert render(template, context, "text/plain") == "[]"


def test_what_is_not_plain_data_is_not_looked_into() -> None:
    context: dict[str, Any] = {"path": Path("/etc"), "call": {"x": 1}}
    assert render("{{path.name}}{{call.get}}{{call.x}}", context, "text/plain") == "1"


@pytest.mark.parametrize("partial", ["{{>/etc/passwd}}", "{{> ../secret }}", "{{>a}}", "{{ >a}}"])
def test_no_partial_is_read(partial: str) -> None:
    with pytest.raises(InvalidTemplate, match="Partials are not available"):
        render(partial, {"a": "b"}, "text/plain")
