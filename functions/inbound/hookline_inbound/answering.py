"""Answers one call of a third party; writes its log line and metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from hookline.adapters.telemetry import Metric, Metrics, millis_since
from hookline.domain.inbound.message import Call, Outcome
from hookline.domain.net.header_rules import read_traceparent, trace_id
from hookline.errors import TooLarge, TooManyRequests, Unavailable
from hookline.services.inbound.receive import Done, NotKept, Result
from hookline_inbound.gateway import Answer, Event, answer_to, call_of, refusal


class AnswerCalls:
    """Every call is answered: this never raises."""

    def __init__(
        self, *, receive: Callable[[Call], Result], logger: logging.Logger, metrics: Metrics
    ) -> None:
        self._receive = receive
        self._logger = logger
        self._metrics = metrics

    def __call__(self, event: Event) -> Answer:
        """The reply to the gateway's event (payload format 2.0)."""
        began = perf_counter()
        request_id = str(event["requestContext"]["requestId"])
        fields: dict[str, object] = {"request_id": request_id}
        try:
            call = call_of(event)
            fields |= _of_call(call)
            result = self._receive(call)
            answer = answer_to(result)
            fields |= self._told(result)
        except (TooLarge, TooManyRequests, Unavailable) as error:
            answer = refusal(error, request_id)
            fields["reason"] = str(error)
        except Exception as error:
            # The last resort: whatever it is, the caller is answered.
            self._logger.exception("inbound.failed", extra=fields)
            answer = refusal(error, request_id)
            fields["reason"] = type(error).__name__
        fields |= {
            "status": answer["statusCode"],
            "duration_ms": millis_since(began),
        }
        self._logger.info("inbound.answered", extra=fields)
        self._metrics.flush()
        return answer

    def _told(self, result: Result) -> dict[str, object]:
        """The log line's fields. A call that is worked on later is counted by the worker."""
        if isinstance(result, NotKept):
            return {"outcome": Outcome.NO_PROVIDER}
        fields: dict[str, object] = {"message_id": result.message_id}
        if not isinstance(result, Done):
            return fields
        for surprise in result.did.surprises:
            self._logger.error("inbound.function_failed", exc_info=surprise, extra=fields)
        if result.outcome is not None:
            self._metrics.add(Metric.INBOUND_MESSAGES, outcome=result.outcome.value)
        return {
            **fields,
            "outcome": result.outcome,
            "event_ids": result.did.event_ids or None,
        }


def _of_call(call: Call) -> dict[str, object]:
    """Without the path, which may be the call's only secret."""
    return {
        "tenant": call.tenant,
        "bytes": len(call.body),
        "trace_id": trace_id(read_traceparent(call.headers.get("traceparent"))),
    }
