from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from hookline.adapters.telemetry import JsonLines, start_logging


def line_of(message: str, error: Exception | None = None, **fields: object) -> dict[str, Any]:
    record = logging.makeLogRecord(
        {"msg": message, "levelname": "INFO", "created": 1795348800.25, **fields}
    )
    if error is not None:
        try:
            raise error
        except type(error):
            record.exc_info = sys.exc_info()
    loaded: dict[str, Any] = json.loads(JsonLines("sender").format(record))
    return loaded


def test_a_line_is_its_time_and_the_fields_of_its_unit_of_work() -> None:
    assert line_of("delivery.attempted", delivery_id="dlv_1", duration_ms=1.5, trace_id=None) == {
        "timestamp": "2026-11-22T12:00:00.250Z",
        "message": "delivery.attempted",
        "function": "sender",
        "delivery_id": "dlv_1",
        "duration_ms": 1.5,
    }


def test_an_error_stands_beside_where_it_was_raised() -> None:
    line = line_of("delivery.broken", ValueError("of some kind"))
    assert line["error"] == "ValueError('of some kind')"
    assert "raise error" in line["traceback"]


def test_a_line_without_a_level_is_one_of_no_importance_and_all_others_say_theirs() -> None:
    said = {
        level: JsonLines("sender").format(logging.makeLogRecord({"msg": "x", "levelname": level}))
        for level in ("DEBUG", "INFO", "WARNING", "ERROR")
    }
    levels = {level: json.loads(line).get("level") for level, line in said.items()}
    assert levels == {"DEBUG": "DEBUG", "INFO": None, "WARNING": "WARNING", "ERROR": "ERROR"}


def test_text_that_is_no_valid_unicode_still_makes_a_line() -> None:
    assert line_of("x", detail="\ud800")["detail"] == "\ud800"


@pytest.fixture
def loggers_as_they_were() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("hookline")
    before = [*root.handlers], root.level, ours.level
    yield
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.mark.usefixtures("loggers_as_they_were")
def test_once_started_everything_is_logged_that_way(capsys: pytest.CaptureFixture[str]) -> None:
    lambdas_own = logging.StreamHandler(io.StringIO())
    logging.getLogger().handlers[:] = [lambdas_own]
    start_logging("fanout", "INFO")
    logging.getLogger("hookline.fanout").info("event.fanned_out", extra={"matched": 3})
    logging.getLogger("hookline.fanout").debug("too fine")
    logging.getLogger("botocore").info("not ours")
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["function"], line["message"], line["matched"]) == ("fanout", "event.fanned_out", 3)
    assert lambdas_own.stream.getvalue() == "", "which would mark the line as text"
