"""The dashboard shows what the code and AWS emit, all of ours and nothing that nobody emits."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from hookline.adapters.telemetry import NAMESPACE, Metric
from hookline.domain.delivery.delivery import Status
from hookline.domain.inbound.message import Outcome
from tests.worlds.template import resources, template

FUNCTIONS = Path(__file__).parents[2] / "functions"
INTAKE = FUNCTIONS.parent / "layers" / "core" / "hookline" / "adapters" / "aws" / "intake.py"

AWS_METRICS = {
    "AWS/ApiGateway": ({"Count", "4xx", "5xx", "Latency"}, [["ApiId"]]),
    "AWS/Lambda": (
        {
            *("Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge"),
            *("Invocations", "UrlRequestCount", "Url4xxCount", "Url5xxCount"),
        },
        [["FunctionName"]],
    ),
    "AWS/SQS": (
        {
            "ApproximateNumberOfMessagesVisible",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateAgeOfOldestMessage",
        },
        [["QueueName"]],
    ),
    "AWS/DynamoDB": (
        {"WriteThrottleEvents", "ReadThrottleEvents", "ConsumedWriteCapacityUnits"},
        [["TableName"], ["TableName", "GlobalSecondaryIndexName"]],
    ),
}
"""What these services publish under these dimensions, from the metrics pages of their guides."""

COMPUTED_OUTCOMES: dict[Metric, set[str]] = {
    Metric.ATTEMPTS: {Status.SUCCESS, Status.RETRYING, Status.FAILED, "late", "gone"},
    Metric.WORK_FAILED: {"broken", "unavailable"},
    Metric.INBOUND_MESSAGES: {outcome.value for outcome in Outcome},
}
"""Where the code takes an outcome from a value: all that the value can be."""

type Emitted = tuple[str, str, str | None]
"""Metric, function and outcome."""


def widgets() -> list[dict[str, Any]]:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    loaded: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    return loaded


def shown() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of each metric on the dashboard."""
    for widget in widgets():
        for namespace, name, *rest in widget["properties"]["metrics"]:
            texts = [each for each in rest if isinstance(each, str)]
            yield namespace, name, dict(zip(texts[::2], texts[1::2], strict=True))


def emitted() -> set[Emitted]:
    """Every metric that a function's code adds, read off its ``metrics.add`` calls."""
    of_intake = set(_all_added(INTAKE.read_text()))
    found: set[Emitted] = set()
    for path in FUNCTIONS.glob("*/hookline_*/*.py"):
        function = path.parts[-3].replace("_", "-")
        text = path.read_text()
        # What takes its batches in by the common loop emits what that does.
        added = {*_all_added(text), *(of_intake if "import Intake" in text else ())}
        found |= {(name, function, outcome) for name, outcome in added}
    return found


def _all_added(text: str) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("metrics.add"):
            yield from _added(node)


def _added(call: ast.Call) -> Iterator[tuple[str, str | None]]:
    assert isinstance(call.args[0], ast.Attribute)
    metric = Metric[call.args[0].attr]
    outcomes = [keyword.value for keyword in call.keywords if keyword.arg == "outcome"]
    match outcomes:
        case []:
            yield metric.value, None
        case [ast.Constant(value=str(outcome))]:
            yield metric.value, outcome
        case _:
            yield from ((metric.value, str(outcome)) for outcome in COMPUTED_OUTCOMES[metric])


def test_every_metric_of_ours_is_shown_and_every_one_shown_is_emitted() -> None:
    ours = {
        (name, dimensions["function"], dimensions.get("outcome"))
        for namespace, name, dimensions in shown()
        if namespace == NAMESPACE
    }
    assert ours == emitted()
    assert {name for name, _, _ in ours} == {metric.value for metric in Metric}


def test_every_other_metric_shown_is_one_that_aws_publishes() -> None:
    theirs = [each for each in shown() if each[0] != NAMESPACE]
    assert theirs
    for namespace, name, dimensions in theirs:
        names, expected = AWS_METRICS[namespace]
        assert name in names
        assert list(dimensions) in expected


def test_every_index_that_is_named_is_its_tables() -> None:
    named = [
        (dimensions["TableName"], dimensions["GlobalSecondaryIndexName"])
        for _, _, dimensions in shown()
        if "GlobalSecondaryIndexName" in dimensions
    ]
    assert named
    for table, index in named:
        indexes = resources("AWS::DynamoDB::Table")[table[2:-1]]["GlobalSecondaryIndexes"]
        assert index in {each["IndexName"] for each in indexes}


def test_dimensions_are_few_and_never_a_tenants_or_a_webhooks() -> None:
    for namespace, _, dimensions in shown():
        if namespace == NAMESPACE:
            assert list(dimensions) in (["stage", "function"], ["stage", "function", "outcome"])
            assert dimensions["stage"] == "${Stage}"


def test_every_name_it_refers_to_is_in_the_template() -> None:
    known = {*template()["Resources"], *template()["Parameters"]}
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    references = re.findall(r"\$\{([^}]+)\}", dashboard["DashboardBody"]["Fn::Sub"])
    assert references
    for reference in references:
        assert reference.partition(".")[0] in known or reference.startswith("AWS::")


def test_widgets_have_titles_and_lie_beside_each_other() -> None:
    titles = [widget["properties"]["title"] for widget in widgets()]
    assert len(set(titles)) == len(titles)
    places = [(w["x"], w["y"], w["x"] + w["width"], w["y"] + w["height"]) for w in widgets()]
    assert all(right <= 24 for _, _, right, _ in places)
    for one, other in combinations(places, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
