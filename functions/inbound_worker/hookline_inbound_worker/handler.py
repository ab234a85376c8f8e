"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from hookline.adapters.telemetry import millis_since
from hookline.errors import Unavailable
from hookline_inbound_worker.settings import InboundWorkerSettings
from hookline_inbound_worker.wiring import build_inbound_worker

if TYPE_CHECKING:
    from hookline.ports import LambdaContext

_SWEEP_UNTIL = timedelta(seconds=15)
"""The time that must be left for another read of the sweep, and to queue what it finds."""

_WORKER = build_inbound_worker(
    InboundWorkerSettings.from_env(os.environ), lambda: datetime.now(UTC)
)
_LOG = logging.getLogger("hookline.inbound_worker")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Works on one batch of the inbound queue; returns the messages that must come back.

    The hourly schedule's event has no records: it starts the sweep.
    """
    if "Records" not in event:
        _sweep(lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()))
        return {}
    failed = _WORKER.batch(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _sweep(remaining: Callable[[], timedelta]) -> None:
    began = perf_counter()
    done = _WORKER.sweep(lambda: remaining() > _SWEEP_UNTIL)
    for turn in done.failed:
        _LOG.error("inbound.one_failed", exc_info=turn.error, extra={"whose": turn.whose})
    _LOG.info("inbound.swept", extra={"queued": done.messages, "duration_ms": millis_since(began)})
    if done.failed:
        raise Unavailable("some tenants could not be swept: see the log lines before")
