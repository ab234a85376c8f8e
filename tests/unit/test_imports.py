"""What a function must not import: each of these costs every cold start tens of milliseconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"

DEAR = frozenset(
    {
        "aiohttp",
        "asyncio",
        "aws_lambda_powertools",
        "aws_xray_sdk",
        "boto3",
        "cryptography",
        "jsonschema",
        "jwt",
        "mmh3",
        "pydantic",
        "pynamodb",
        "pystache",
        "requests",
        "s3transfer",
    }
)
"""Packages that only some functions need, or only some of their calls."""

NEEDED = {
    "api": {"asyncio", "aws_lambda_powertools", "pydantic", "pynamodb"},
    "fanout": set(),
    "inbound": set(),
    "inbound_worker": set(),
    "scheduler": set(),
    "sender": {"requests"},
}


def imported(package: str) -> set[str]:
    """The top-level names that a process holds once it has imported the function's code."""
    script = f"import json, sys, {package}.composition; print(json.dumps(list(sys.modules)))"
    path = [str(ROOT / "layers" / "core"), str(FUNCTIONS / package.removeprefix("hookline_"))]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(path)},
        capture_output=True,
        check=True,
        text=True,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_every_function_is_held_to_it() -> None:
    assert {path.parent.name for path in FUNCTIONS.glob("*/Makefile")} == set(NEEDED)


@pytest.mark.parametrize("function", NEEDED)
def test_a_function_starts_with_what_it_needs_and_no_more(function: str) -> None:
    assert imported(f"hookline_{function}") & DEAR == NEEDED[function]
