"""Records of the events table's stream."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from hookline.adapters.aws.intake import Intake, Record, name_of
from hookline.adapters.dynamo.event.events import from_image
from hookline.adapters.telemetry import Metric, Metrics, Together, millis_since
from hookline.domain.event.event import Event
from hookline.domain.ids import EventId
from hookline.domain.net.header_rules import trace_id
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


@dataclass(frozen=True, slots=True)
class Told:
    """A log entry: an event fanned out to ``matched`` webhooks, its batch in ``millis``."""

    event_id: EventId
    matched: int
    millis: float
    trace_id: str | None


def fields_together(told: Sequence[Told]) -> dict[str, object]:
    """The fields of one line about several events; ``unmatched`` had no webhook."""
    return {
        "matched": sum(each.matched for each in told),
        "event_ids": [each.event_id for each in told if each.matched] or None,
        "unmatched": [each.event_id for each in told if not each.matched] or None,
        "duration_ms": max(each.millis for each in told),
        "trace_ids": sorted({each.trace_id for each in told if each.trace_id}) or None,
    }


class StreamRecords:
    """Fans out accepted events. What it cannot prove done is reported as failed.

    Complete fan-outs share a line of the log if there is a ``together``, else each has its own.
    """

    def __init__(
        self,
        *,
        fan_out: FanOutEvents,
        dead_letters: DeadLetters,
        together: Together[Told] | None,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._fan_out = fan_out
        self._together = together
        self._logger = logger
        self._metrics = metrics
        self._intake = Intake(_event, dead_letters=dead_letters, logger=logger, metrics=metrics)

    def __call__(
        self, records: Sequence[Record], run: str, has_time: Callable[[], bool]
    ) -> Sequence[str]:
        """The sequence numbers of records that must come again, in order."""
        by_number = {name_of(record): record for record in records}

        def work(events: Mapping[str, Event]) -> Iterator[str]:
            began = perf_counter()
            outcomes = self._fan_out(list(events.values()), run, has_time)
            for (number, event), outcome in zip(events.items(), outcomes, strict=True):
                self._tell(event, outcome, millis_since(began))
                if isinstance(outcome, Broken):
                    reason = f"it cannot be fanned out: {outcome}"
                    done = self._intake.set_aside(by_number[number], reason)
                else:
                    done = not isinstance(outcome, NotDone | LeftOver)
                if done:
                    yield number
            if self._together is not None:
                self._together.flush()

        return self._intake(records, work)

    def _tell(self, event: Event, outcome: Outcome, millis: float) -> None:
        """``millis`` is the time of the whole batch: events are fanned out together."""
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
                if self._together is not None and not goes_on and not passed_over:
                    one = Told(event.id, matched, millis, trace_id(event.traceparent))
                    self._together.add(event.tenant, one)
                    return
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


def _event(record: Record) -> Event | None:
    if record.get("eventName") == "REMOVE":
        return None
    return from_image(record["dynamodb"].get("NewImage"))
