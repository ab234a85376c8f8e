"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from hookline.settings import ApiSettings
from hookline_api.composition import build_api

_API = build_api(ApiSettings.from_env(os.environ), lambda: datetime.now(UTC), os.urandom)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answers one request of the HTTP API (payload format 2.0)."""
    return _API(event, context)
