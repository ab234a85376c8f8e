"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline.errors import Unavailable
from hookline_scheduler.settings import SchedulerSettings
from hookline_scheduler.wiring import build_scheduler

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_ROUND = build_scheduler(
    SchedulerSettings.from_env(os.environ), lambda: datetime.now(UTC), os.urandom
)


def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's way
    """Gives one round. Raises Unavailable when a part of it failed, so that alarms see it."""

    def remaining() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    if not _ROUND(context.aws_request_id, remaining):
        raise Unavailable("a part of the round failed: see the log lines before")
