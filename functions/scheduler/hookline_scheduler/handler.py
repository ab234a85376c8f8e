"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.lambda_pieces import piece_asked_for
from hookline.errors import Unavailable
from hookline_scheduler.settings import SchedulerSettings
from hookline_scheduler.wiring import build_scheduler

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_ROUND = build_scheduler(
    SchedulerSettings.from_env(os.environ), lambda: datetime.now(UTC), os.urandom
)


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Runs one round, or one piece of a round that was too much for one invocation.

    Raises Unavailable if a part of it failed, so that alarms see it.
    """

    def remaining() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    run, piece = context.aws_request_id, piece_asked_for(event)
    done = _ROUND.piece(piece, run, remaining) if piece else _ROUND(run, remaining)
    if not done:
        raise Unavailable("a part of the round failed: see the log lines before")
