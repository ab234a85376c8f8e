"""What functions wrote to the log since the last time it was asked for: metrics, and errors."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest


def counted(capsys: pytest.CaptureFixture[str], metric: str) -> dict[tuple[str, str | None], int]:
    """How much of a metric, by function and outcome."""
    found: Counter[tuple[str, str | None]] = Counter()
    for line in _lines(capsys):
        if "_aws" in line and metric in line:
            found[line["function"], line.get("outcome")] += line[metric]
    return dict(found)


def errors(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of errors."""
    return [line for line in _lines(capsys) if line.get("level") == "ERROR"]


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
