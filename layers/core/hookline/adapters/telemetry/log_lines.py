"""The log's form: one JSON object a line, for Logs Insights to search by any field.

A unit of work writes one line, its canonical one: ``log.info("delivery.attempted", extra=fields)``.
Fields are ids, times, counts and outcomes; never a payload, header, url with credentials or secret.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from time import perf_counter
from typing import override

from hookline.domain.times import iso

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What a record has besides the fields of ``extra``."""

_LONGEST_TRACE = 8_000
"""Characters of a traceback: CloudWatch takes 256 KB a line, a reader less."""


class JsonLines(logging.Formatter):
    """One line of JSON a record: timestamp, level, message, function, then its own fields."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self._function = function

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
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
    a JSON object with ``timestamp`` and ``level`` is taken as it is, which metrics rely on as well.
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
