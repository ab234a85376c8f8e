"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from hookline_inbound.gateway import Answer
from hookline_inbound.settings import InboundSettings
from hookline_inbound.wiring import build_inbound

_ANSWER = build_inbound(InboundSettings.from_env(os.environ), lambda: datetime.now(UTC))


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answers one call of a third party (payload format 2.0); never raises."""
    return _ANSWER(event)
