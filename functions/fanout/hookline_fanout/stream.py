"""Records of the events table's stream."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.event.event_item import from_image
from hookline.adapters.telemetry.log_lines import millis_since
from hookline.adapters.telemetry.metrics import Metric, Metrics
from hookline.domain.event.event import Event
from hookline.domain.net.traceparent import trace_id
from hookline.errors import PoisonMessage, Unavailable
from hookline.services.fan_out.fan_out import (
    Broken,
    FannedOut,
    FanOutEvents,
    LeftOver,
    NotDone,
    Outcome,
)

if TYPE_CHECKING:
    from hookline.ports.sending import DeadLetters


class StreamRecords:
    """Fans out what was accepted. What it cannot prove done is reported as failed."""

    def __init__(
        self,
        *,
        fan_out: FanOutEvents,
        dead_letters: DeadLetters,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._fan_out = fan_out
        self._dead_letters = dead_letters
        self._logger = logger
        self._metrics = metrics

    def __call__(
        self, records: Sequence[Mapping[str, Any]], run: str, has_time: Callable[[], bool]
    ) -> Sequence[str]:
        """The sequence numbers of records that must come again, in order."""
        began = perf_counter()
        failed = dict.fromkeys(_number(record) for record in records)
        events: dict[str, Event] = {}
        for record in records:
            try:
                events[_number(record)] = from_image(record["dynamodb"].get("NewImage"))
            except PoisonMessage as poison:
                if record.get("eventName") == "REMOVE" or self._set_aside(record, poison.reason):
                    del failed[_number(record)]
        outcomes = self._fan_out(list(events.values()), run, has_time)
        by_number = {_number(record): record for record in records}
        for (number, event), outcome in zip(events.items(), outcomes, strict=True):
            self._tell(event, outcome, millis_since(began))
            if isinstance(outcome, Broken):
                done = self._set_aside(by_number[number], f"it cannot be fanned out: {outcome}")
            else:
                done = not isinstance(outcome, NotDone | LeftOver)
            if done:
                del failed[number]
        self._metrics.flush()
        return list(failed)

    def _set_aside(self, record: Mapping[str, Any], reason: str) -> bool:
        try:
            self._dead_letters.set_aside(json.dumps(record, default=str), reason)
        except Unavailable as error:
            self._logger.warning(
                "record.not_set_aside", extra={"reason": reason, "error": str(error)}
            )
            self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
            return False
        self._metrics.add(Metric.POISON)
        self._logger.error(
            "record.set_aside", extra={"reason": reason, "sequence_number": _number(record)}
        )
        return True

    def _tell(self, event: Event, outcome: Outcome, millis: float) -> None:
        """``millis`` is what its whole batch took: events are fanned out together."""
        fields: dict[str, object] = {
            "tenant": event.tenant,
            "event_id": event.id,
            "event_type": event.type,
            "trace_id": trace_id(event.traceparent),
            "duration_ms": millis,
        }
        match outcome:
            case FannedOut(matched, deliveries, goes_on, passed_over):
                self._metrics.add(Metric.EVENTS_ACCEPTED)
                self._metrics.add(Metric.DELIVERIES_CREATED, matched)
                if passed_over:
                    self._metrics.add(Metric.PASSED_OVER, passed_over)
                counts = {"matched": matched, "delivery_ids": deliveries or None}
                more = {"goes_on": goes_on or None, "passed_over": passed_over or None}
                self._logger.info("event.fanned_out", extra={**fields, **counts, **more})
            case Broken(error):
                self._metrics.add(Metric.WORK_FAILED, outcome="broken")
                self._logger.error("event.broken", exc_info=error, extra=fields)
            case NotDone(reason):
                self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
                self._logger.warning("event.not_fanned_out", extra={**fields, "reason": reason})
            case LeftOver():
                self._logger.info("event.left_over", extra=fields)
            case _:
                self._metrics.add(Metric.NO_OPS)
                self._logger.info("event.already_claimed", extra=fields)


def _number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
