"""What CloudWatch makes of an alarm and a row of datapoints.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


def fires(alarm: Mapping[str, Any], datapoints: Sequence[float | None]) -> bool:
    """Whether it is in ALARM after these periods, one datapoint each; None where there was none."""
    beyond = _COMPARISONS[alarm["ComparisonOperator"]]
    missing = alarm["TreatMissingData"] == "breaching"
    periods: int = alarm["EvaluationPeriods"]
    needed: int = alarm.get("DatapointsToAlarm", periods)
    threshold: float = alarm["Threshold"]
    breaching = [
        missing if value is None else beyond(value, threshold) for value in datapoints[-periods:]
    ]
    return breaching.count(True) >= needed
