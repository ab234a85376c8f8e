"""Templates made to exhaust time or memory, or to reach what is not theirs."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from hookline.domain import mustache_tree
from hookline.domain.mustache_lint import InvalidTemplate
from hookline.domain.templates import TemplateFailed, render

MEGABYTE = 1024 * 1024
TEN = [1] * 10

STEPS = "more than 60000 steps"
OUTPUT = "larger than 262144 bytes"
UNCLOSED = "never closed"

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
    "a lot of text": ("{{#l}}" + "x" * 120_000 + "{{/l}}", {"l": TEN * 1_000}, OUTPUT),
    "a lot of JSON": (
        "{{#l}}{{#json}}big{{/json}}{{/l}}",
        {"l": TEN * 1_000, "big": "é" * 100_000},
        OUTPUT,
    ),
    "a value that grows when escaped": (
        "{{#l}}{{big}}{{/l}}",
        {"l": TEN * 1_000, "big": "\x00" * 120_000},
        OUTPUT,
    ),
    "opened tags": ("{{" * 65_000, {}, UNCLOSED),
    "opened unescaped tags": ("{{{a" * 32_000, {}, UNCLOSED),
    "opened comments": ("{{!" * 43_000, {}, UNCLOSED),
    "braces": ("{" * 131_000, {}, UNCLOSED),
    "sections in sections": ("{{#a}}" * 20_000, {}, "deeper than 32"),
    "tags": ("{{a}}" * 26_000, {}, "More than 4096 tags"),
    "blanks": (" " * 131_000, {}, "More than 64 blanks"),
}

HARMLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "as many tags as there may be": ("{{a}}" * 4_096, {"a": 1}),
    "as many sections": ("{{#a}}{{/a}}" * 2_048, {"a": 1}),
    "as many blanks": ((" " * 64 + "x") * 2_000, {}),
    "blanks in a comment": ("{{!" + (" " * 64 + "x") * 2_000 + "}}", {}),
    "blanks in tags": (("{{" + " " * 60 + "a" + " " * 60 + "}}") * 1_000, {"a": 1}),
    "long names": (("{{" + "a" * 250 + "}}") * 510, {"a": 1}),
}


def measured(template: str, context: dict[str, Any]) -> tuple[str, float, int]:
    """The outcome, the CPU seconds without tracing, and the peak of memory in bytes."""
    mustache_tree.parse.cache_clear()
    started = time.process_time()
    outcome = _outcome(template, context)
    seconds = time.process_time() - started
    mustache_tree.parse.cache_clear()
    tracemalloc.start()
    _outcome(template, context)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return outcome, seconds, peak


def _outcome(template: str, context: dict[str, Any]) -> str:
    try:
        return render(template, context, "application/json")
    except (TemplateFailed, InvalidTemplate) as error:
        return f"refused: {error}"


@pytest.mark.parametrize(("template", "context", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_ends_soon_and_small_with_a_clear_error(
    template: str, context: dict[str, Any], message: str
) -> None:
    outcome, seconds, peak = measured(template, context)
    assert outcome.startswith("refused: ")
    assert message in outcome
    assert seconds < 0.5  # measured: at most 0.06
    assert peak < 8 * MEGABYTE


@pytest.mark.parametrize(("template", "context"), HARMLESS.values(), ids=HARMLESS.keys())
def test_the_worst_of_what_is_allowed_takes_no_longer(
    template: str, context: dict[str, Any]
) -> None:
    outcome, seconds, peak = measured(template, context)
    assert not outcome.startswith("refused")
    assert seconds < 0.5  # measured: at most 0.06
    assert peak < 8 * MEGABYTE


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
