"""What the operator sees: log lines, and metrics, which are log lines too.

A log line is one JSON object, for Logs Insights to search by any field. A unit of work writes one,
its canonical one: ``log.info("delivery.attempted", extra=fields)``. Fields are ids, times, counts
and outcomes; never a payload, header, url with credentials or secret.

Metrics are written in CloudWatch's embedded metric format: no call, no agent.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from time import perf_counter
from typing import Literal, override

from hookline.domain.ids import TenantId
from hookline.domain.times import epoch_millis, iso
from hookline.ports import Clock

NAMESPACE = "Hookline"

Unit = Literal["Count", "Milliseconds", "Seconds"]

_VALUES_PER_LINE = 100
"""As many values as one metric of one line may hold (the format's limit)."""

TOGETHER = "batch"
"""The setting ``success_log`` by which successes share a line; ``each`` has its own otherwise."""

_MOST_TOGETHER = 500
"""Of one line: CloudWatch takes 256 KB, and five hundred pairs of ids are 40 KB."""

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What a record has besides the fields of ``extra``."""

_LONGEST_TRACE = 8_000
"""Characters of a traceback: CloudWatch takes 256 KB a line, a reader less."""


class JsonLines(logging.Formatter):
    """One line of JSON a record: timestamp, level, message, function, then its own fields.

    The level INFO is left out: Lambda takes a line without one for that, and most lines are.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """

    def __init__(self, function: str) -> None:
        super().__init__()
        self._function = function

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": iso(datetime.fromtimestamp(record.created, UTC)),
            **({} if record.levelname == "INFO" else {"level": record.levelname}),
            "message": record.getMessage(),
            "function": self._function,
        }
        line |= {
            name: value
            for name, value in vars(record).items()
            if name not in _OF_EVERY_RECORD and value is not None
        }
        if record.exc_info:
            line["error"] = repr(record.exc_info[1])
            line["traceback"] = self.formatException(record.exc_info)[-_LONGEST_TRACE:]
        return json.dumps(line, separators=(",", ":"), default=str)


def to_stdout(line: str) -> None:
    """Where Lambda collects what goes to the log."""
    sys.stdout.write(line + "\n")


class _ToStdout(logging.Handler):
    def __init__(self, function: str) -> None:
        super().__init__()
        self.setFormatter(JsonLines(function))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        to_stdout(self.format(record))


def millis_since(began: float) -> float:
    """``duration_ms`` of a unit of work that began when `time.perf_counter` said so."""
    return round((perf_counter() - began) * 1000, 1)


def start_logging(function: str, level: str) -> None:
    """Has all that this process logs written as JSON lines, Hookline's own from ``level`` on.

    They go to standard output, past Lambda's own handler. That one is for records that Lambda is to
    make JSON of: it marks what any other formatter makes as text. A line of standard output that is
    a JSON object is taken as it is, which metrics rely on as well.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    # Nobody reads where in the code, and in which thread, a line was written.
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001 - the switch that the page above names
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [_ToStdout(function)]
    root.setLevel(logging.WARNING)
    logging.getLogger("hookline").setLevel(level)


class Together[One]:
    """Successes told together: one line with the ids for all of a tenant's in one invocation.

    Gathers what one line is to tell of: ``fields_of`` makes that line's fields of several.
    """

    def __init__(
        self,
        message: str,
        fields_of: Callable[[Sequence[One]], Mapping[str, object]],
        logger: logging.Logger,
    ) -> None:
        self._message = message
        self._fields_of = fields_of
        self._logger = logger
        self._gathered: defaultdict[TenantId, list[One]] = defaultdict(list)

    def add(self, tenant: TenantId, one: One) -> None:
        """To be told when its invocation is over, or when there are many."""
        gathered = self._gathered[tenant]
        gathered.append(one)
        if len(gathered) >= _MOST_TOGETHER:
            self._tell(tenant, self._gathered.pop(tenant))

    def flush(self) -> None:
        """Tells what was gathered since the last time: whatever became of the rest of its batch."""
        gathered, self._gathered = self._gathered, defaultdict(list)
        for tenant, some in gathered.items():
            self._tell(tenant, some)

    def _tell(self, tenant: TenantId, some: Sequence[One]) -> None:
        fields = {"tenant": tenant, "count": len(some), **self._fields_of(some)}
        self._logger.info(self._message, extra=fields)


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
    """Gathers the values of one invocation and writes them as few lines. Safe between threads.

    Where they are not ``on``, it writes nothing: a stage that nobody watches pays for none.
    """

    def __init__(
        self,
        function: str,
        stage: str,
        clock: Clock,
        write: Callable[[str], None] = to_stdout,
        *,
        on: bool = True,
    ) -> None:
        self._on = on
        self._function = function
        self._stage = stage
        self._clock = clock
        self._write = write
        self._lock = threading.Lock()
        self._values: dict[str | None, dict[Metric, list[float]]] = {}

    def add(self, metric: Metric, value: float = 1, *, outcome: str | None = None) -> None:
        """Counts are summed up, times are kept one by one (for percentiles)."""
        if not self._on:
            return
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
