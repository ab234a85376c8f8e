"""What a month costs in which nothing happens, by the template and the list prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench import prices
from tests.worlds.template import defaults, resources, template

MINUTES_A_MONTH = 30 * 24 * 60
POLLERS = 5
"""Long polls that Lambda holds open on an idle queue, of 20 seconds each.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
POLLS_A_MINUTE = 3
ROUND_SECONDS = 0.2
"""A round of the scheduler that finds nothing, as it is billed."""
ROUND_READ_UNITS = 12
METRICS_OF_A_ROUND = 6
"""What the scheduler writes though nothing happened."""


def lines(**parameters: str) -> Mapping[str, float]:
    """Each item of the bill, in dollars."""
    given = {**defaults(), **parameters}
    watched = given["Monitoring"] == "full"
    rounds = MINUTES_A_MONTH * (
        prices.LAMBDA_REQUEST
        + ROUND_SECONDS * 0.5 * prices.LAMBDA_GB_SECOND
        + ROUND_READ_UNITS * prices.READ_UNIT
    )
    return {
        "key": _count("AWS::KMS::Key") * prices.KMS_KEY_MONTH,
        "secrets": _count("AWS::SecretsManager::Secret") * prices.SECRET_MONTH,
        "polling": _polled() * POLLERS * POLLS_A_MINUTE * MINUTES_A_MONTH * prices.SQS_REQUEST,
        "rounds": rounds,
        "dashboard": _count("AWS::CloudWatch::Dashboard") * watched * prices.DASHBOARD_MONTH,
        "alarms": sum(map(_metrics, alarms(given))) * watched * prices.ALARM_MONTH,
        "metrics": METRICS_OF_A_ROUND * watched * prices.METRIC_MONTH,
    }


def _count(kind: str) -> int:
    return len(resources(kind))


def _polled() -> int:
    """Queues that a function works off."""
    return sum(
        event["Type"] == "SQS"
        for function in resources("AWS::Serverless::Function").values()
        for event in function.get("Events", {}).values()
    )


def alarms(parameters: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Those of a stack that is watched."""
    own_address = parameters["ApiFunctionUrl"] == "true"
    return [
        each["Properties"]
        for each in template()["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        and (own_address or each["Condition"] != "ByItselfWatched")
    ]


def _metrics(alarm: Mapping[str, Any]) -> int:
    """CloudWatch bills an alarm by the metrics it watches."""
    return sum("MetricStat" in each for each in alarm["Metrics"]) if "Metrics" in alarm else 1
