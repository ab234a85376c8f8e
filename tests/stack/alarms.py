"""What CloudWatch makes of an alarm and a row of datapoints.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
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


def watched(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What it takes its datapoints from: each with Namespace, MetricName and Dimensions."""
    if "Metrics" not in alarm:
        yield alarm
    for each in alarm.get("Metrics", ()):
        if "MetricStat" in each:
            yield each["MetricStat"]["Metric"]


def computed(alarm: Mapping[str, Any], **values: float | None) -> float | None:
    """The datapoint of a metric-math alarm, where its metrics have these values in a period.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    (expression,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
    parsed = ast.parse(expression.replace(" AND ", " and "), mode="eval")
    return _value(parsed.body, values)


_OPERATIONS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
    ast.Mult: operator.mul,
}


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    """A period in which any operand has no data has none itself, but for a sum of several."""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _both(_OPERATIONS[type(op)], left, right, values)
        case ast.BinOp(left=left, op=op, right=right):
            return _both(_OPERATIONS[type(op)], left, right, values)
        case ast.BoolOp(op=ast.And(), values=[left, right]):
            return _both(lambda one, other: bool(one and other), left, right, values)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            holds = _value(condition, values)
            return None if holds is None else _value(then if holds else otherwise, values)
        case ast.Call(func=ast.Name(id="SUM"), args=[ast.List(elts=parts)]):
            known = [part for each in parts if (part := _value(each, values)) is not None]
            return sum(known) if known else None
    raise ValueError(f"no metric math that is known here: {ast.unparse(node)}")


def _both(
    operation: Callable[[float, float], float],
    left: ast.expr,
    right: ast.expr,
    values: Mapping[str, float | None],
) -> float | None:
    one, other = _value(left, values), _value(right, values)
    return None if one is None or other is None else float(operation(one, other))
