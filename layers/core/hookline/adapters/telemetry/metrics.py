"""Metrics for CloudWatch, as lines of the log in its embedded metric format: no call, no agent.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

from hookline.adapters.telemetry.log_lines import to_stdout
from hookline.domain.times import epoch_millis
from hookline.ports import Clock

NAMESPACE = "Hookline"

Unit = Literal["Count", "Milliseconds", "Seconds"]

_VALUES_PER_LINE = 100
"""As many values as one metric of one line may hold (the format's limit)."""


class Metric(StrEnum):
    """All there are. The dashboard shows each, and nothing of ours besides; a test walks both ways.

    Their dimensions are stage, function and, where there is one, outcome: never a tenant or a
    webhook, as CloudWatch bills each combination by itself. The log has those.
    """

    EVENTS_ACCEPTED = "EventsAccepted"
    """Counted once each, when they are fanned out: that comes in batches, and costs a line less."""
    DELIVERIES_CREATED = "DeliveriesCreated"
    ATTEMPTS = "Attempts"
    """Calls, by what they made of their delivery: ``success``, ``retrying``, ``failed``, …"""
    TIME_TO_FIRST_ATTEMPT = "TimeToFirstAttempt"
    """From an event's acceptance to the beginning of a delivery's first call, where its webhook
    did not hold it up."""
    NO_OPS = "NoOps"
    """Records and messages acknowledged without doing anything: they were stale or repeated."""
    POISON = "Poison"
    """Records and messages set aside since no retry could read them."""
    PASSED_OVER = "PassedOver"
    """Subscriptions that matching passed over, as they cannot be read or evaluated."""
    WORK_FAILED = "WorkFailed"
    """Messages and records that come again since work on them failed, by why: ``broken`` for a bug
    of ours, ``unavailable`` for a service of AWS. Lambda counts no error for those."""
    CIRCUITS_OPEN = "CircuitsOpen"
    """Open at the end of a scheduler's round."""
    RELEASED = "Released"
    """Deliveries that the scheduler sent on their way, by what they waited for."""
    MENDED = "Mended"
    """Deliveries whose first message or creation got lost, found by the sweep."""
    SWEEP_LAG = "SweepLag"
    """How long ago the oldest fan-out should have been swept that was not yet, after each round."""
    OLDEST_DUE = "OldestDue"
    """How long the oldest delivery on the clock has been due that a round left behind."""
    CUT_SHORT = "CutShort"
    """Pieces of the scheduler's rounds whose time was up before their work."""
    INBOUND_MESSAGES = "InboundMessages"
    """Messages worked on, by outcome: ``matched``, ``no_provider``, ``no_function``; by the worker,
    or by the receiver where its caller waits for that."""

    @property
    def unit(self) -> Unit:
        """As CloudWatch names it."""
        if self in (Metric.SWEEP_LAG, Metric.OLDEST_DUE):
            return "Seconds"
        return "Milliseconds" if self is Metric.TIME_TO_FIRST_ATTEMPT else "Count"


class Metrics:
    """Gathers the values of one invocation and writes them as few lines. Safe between threads."""

    def __init__(
        self,
        function: str,
        stage: str,
        clock: Clock,
        write: Callable[[str], None] = to_stdout,
    ) -> None:
        self._function = function
        self._stage = stage
        self._clock = clock
        self._write = write
        self._lock = threading.Lock()
        self._values: dict[str | None, dict[Metric, list[float]]] = {}

    def add(self, metric: Metric, value: float = 1, *, outcome: str | None = None) -> None:
        """Counts are summed up, times are kept one by one (for percentiles)."""
        with self._lock:
            values = self._values.setdefault(outcome, {}).setdefault(metric, [])
            if metric.unit == "Count" and values:
                values[0] += value
            else:
                values.append(value)

    def flush(self) -> None:
        """Writes what has been gathered since the last time: at the end of an invocation."""
        with self._lock:
            gathered, self._values = self._values, {}
        for outcome, metrics in gathered.items():
            longest = max(map(len, metrics.values()))
            for start in range(0, longest, _VALUES_PER_LINE):
                self._line(
                    outcome,
                    {
                        metric: some
                        for metric, values in metrics.items()
                        if (some := values[start : start + _VALUES_PER_LINE])
                    },
                )

    def _line(self, outcome: str | None, metrics: dict[Metric, list[float]]) -> None:
        # Loaded with the first line: a start has no metrics, and this takes some 15 ms.
        from aws_lambda_powertools.metrics.provider.cloudwatch_emf import (  # noqa: PLC0415 - so that no start waits for it
            cloudwatch,
        )

        dimensions = {"stage": self._stage, "function": self._function}
        if outcome is not None:
            dimensions["outcome"] = outcome
        provider = cloudwatch.AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
        provider.timestamp = epoch_millis(self._clock())
        line = provider.serialize_metric_set(
            metrics={
                str(metric): {"Unit": metric.unit, "StorageResolution": 60, "Value": values}
                for metric, values in metrics.items()
            },
            dimensions=dimensions,
        )
        # One value stands by itself: the format takes both, and a log is paid for by the byte.
        single = {str(metric): values[0] for metric, values in metrics.items() if len(values) == 1}
        self._write(json.dumps({**line, **single}, separators=(",", ":")))
