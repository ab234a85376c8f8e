"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from typing import Any

from hookline_console.settings import ConsoleSettings
from hookline_console.wiring import build_console

_ANSWER = build_console(ConsoleSettings.from_env(os.environ))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's way
    """One request, one file."""
    return _ANSWER(event)
