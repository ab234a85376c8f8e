"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any

from hookline.adapters.log_lines import start_logging
from hookline.settings import InboundWorkerSettings
from hookline_inbound_worker.batch import WorkOnBatch
from hookline_inbound_worker.composition import build_worker

_SETTINGS = InboundWorkerSettings.from_env(os.environ)
_WORKER = build_worker(_SETTINGS, lambda: datetime.now(UTC), os.urandom)
_WORK = WorkOnBatch(_WORKER)
start_logging("inbound-worker", _SETTINGS.log_level)
_LOG = logging.getLogger("hookline.inbound_worker")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Works on one batch of the inbound queue; answers with the messages that are to come back.

    The hourly schedule's event has no records: it asks for the sweep.
    """
    if "Records" not in event:
        _LOG.info("inbound.swept", extra={"queued": _WORKER.sweep()})
        return {}
    failed = _WORK(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
