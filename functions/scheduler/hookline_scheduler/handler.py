"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hookline.domain.delivery.rotation import Share
from hookline.errors import Unavailable
from hookline.ports.rounds import Piece
from hookline_scheduler.settings import SchedulerSettings
from hookline_scheduler.wiring import build_scheduler

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_ROUND = build_scheduler(
    SchedulerSettings.from_env(os.environ), lambda: datetime.now(UTC), os.urandom
)


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Gives one round, or one piece of a round that was too much for one invocation.

    Raises Unavailable when a part of it failed, so that alarms see it.
    """

    def remaining() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    run, asked = context.aws_request_id, event.get("piece")
    done = _ROUND.piece(_piece(asked), run, remaining) if asked else _ROUND(run, remaining)
    if not done:
        raise Unavailable("a part of the round failed: see the log lines before")


def _piece(asked: dict[str, Any]) -> Piece:
    share = Share(int(asked["number"]), int(asked["of"]))
    return Piece(str(asked["work"]), share, tuple(asked["served"]))
