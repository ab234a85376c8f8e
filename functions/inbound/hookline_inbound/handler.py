"""AWS Lambda's way in: everything is built once, at cold start."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any

from hookline.adapters.log_lines import start_logging
from hookline.errors import TooLarge, TooManyRequests, Unavailable
from hookline.settings import InboundSettings
from hookline_inbound.composition import build_receive
from hookline_inbound.gateway import Answer, answer_to, call_of, refusal

_SETTINGS = InboundSettings.from_env(os.environ)
_RECEIVE = build_receive(_SETTINGS, lambda: datetime.now(UTC), os.urandom)
start_logging("inbound", _SETTINGS.log_level)
_LOG = logging.getLogger("hookline.inbound")


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answers one call of a third party (payload format 2.0); never raises."""
    request_id = str(event["requestContext"]["requestId"])
    try:
        call = call_of(event)
        answer = answer_to(_RECEIVE(call))
        fields = {"tenant": call.tenant, "uri": call.uri, "bytes": len(call.body)}
    except (TooLarge, TooManyRequests, Unavailable) as error:
        answer, fields = refusal(error, request_id), {"reason": str(error)}
    except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, the caller is answered
        _LOG.exception("inbound.failed", extra={"request_id": request_id})
        answer, fields = refusal(error, request_id), {"reason": type(error).__name__}
    _LOG.info(
        "inbound.answered",
        extra={"request_id": request_id, "status": answer["statusCode"], **fields},
    )
    return answer
