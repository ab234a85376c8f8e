"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline_sender.settings import SenderSettings
from hookline_sender.wiring import build_sender

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_MESSAGES = build_sender(SenderSettings.from_env(os.environ), lambda: datetime.now(UTC))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Works on a batch of the delivery or retry queue."""

    def remaining() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    failed = _MESSAGES(event["Records"], remaining)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}
