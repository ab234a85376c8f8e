"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import build_fanout

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_MARGIN_MILLIS = 30_000
"""The time that must be left to take up more events: claims, deliveries and messages of a full
batch follow, and AWS may take seconds to refuse each."""

_FANOUT = build_fanout(FanoutSettings.from_env(os.environ), lambda: datetime.now(UTC))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Fans out records of the events table's stream, or steps of the fan-out queue."""
    records = event["Records"]
    from_stream = records[0].get("eventSource") == "aws:dynamodb"
    work = _FANOUT.stream if from_stream else _FANOUT.steps

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > _MARGIN_MILLIS

    failed = work(records, context.aws_request_id, has_time)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}
