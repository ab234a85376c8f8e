from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hookline.adapters.telemetry import Metric, Metrics

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Log:
    """The metrics of a sender in stage ``test``, and the lines they wrote."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.metrics = Metrics(
            "sender", "test", lambda: NOW, lambda line: self.lines.append(json.loads(line))
        )


def test_counts_of_an_invocation_become_one_line_for_each_outcome() -> None:
    log = Log()
    for outcome in ("success", "retrying", "success"):
        log.metrics.add(Metric.ATTEMPTS, outcome=outcome)
    log.metrics.add(Metric.NO_OPS)
    log.metrics.flush()
    assert [
        (line.get("outcome"), line.get("Attempts"), line.get("NoOps")) for line in log.lines
    ] == [
        ("success", 2, None),
        ("retrying", 1, None),
        (None, None, 1),
    ]


def test_a_stage_without_metrics_writes_none() -> None:
    lines: list[str] = []
    metrics = Metrics("sender", "test", lambda: NOW, lines.append, on=False)
    metrics.add(Metric.ATTEMPTS, outcome="success")
    metrics.flush()
    assert lines == []


def test_a_line_has_the_embedded_metric_format() -> None:
    log = Log()
    log.metrics.add(Metric.ATTEMPTS, outcome="success")
    log.metrics.flush()
    assert log.lines == [
        {
            "_aws": {
                "Timestamp": 1795348800000,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Hookline",
                        "Dimensions": [["stage", "function", "outcome"]],
                        "Metrics": [{"Name": "Attempts", "Unit": "Count"}],
                    }
                ],
            },
            "stage": "test",
            "function": "sender",
            "outcome": "success",
            "Attempts": 1,
        }
    ]


def test_times_are_kept_one_by_one_a_hundred_to_a_line() -> None:
    log = Log()
    log.metrics.add(Metric.POISON)
    for milliseconds in range(250):
        log.metrics.add(Metric.TIME_TO_FIRST_ATTEMPT, milliseconds)
    log.metrics.flush()
    assert [len(line["TimeToFirstAttempt"]) for line in log.lines] == [100, 100, 50]
    assert [line.get("Poison") for line in log.lines] == [1, None, None]


def test_what_was_written_is_not_written_again() -> None:
    log = Log()
    log.metrics.add(Metric.POISON)
    log.metrics.flush()
    log.metrics.flush()
    assert len(log.lines) == 1
