"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from hookline.adapters.telemetry import start_logging
from hookline_api.settings import ApiSettings
from hookline_api.wiring import build_api

_SETTINGS = ApiSettings.from_env(os.environ)
start_logging("api", _SETTINGS.log_level)
_API = build_api(_SETTINGS, lambda: datetime.now(UTC))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answers one request of the HTTP API (payload format 2.0)."""
    return _API(event, context)
