"""The metrics of a function's invocation, out of what it writes to the log."""

from __future__ import annotations

import json
from collections import Counter

import pytest


def counted(capsys: pytest.CaptureFixture[str], metric: str) -> dict[tuple[str, str | None], int]:
    """What the functions counted since the last time, by function and outcome."""
    found: Counter[tuple[str, str | None]] = Counter()
    for each in capsys.readouterr().out.splitlines():
        line = json.loads(each)
        if "_aws" in line and metric in line:
            found[line["function"], line.get("outcome")] += line[metric]
    return dict(found)
