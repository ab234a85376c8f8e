"""One batch of the inbound queue: each message by itself, acknowledged once it is done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from hookline.adapters.aws.intake import Intake, Record, name_of
from hookline.adapters.telemetry import Metric, Metrics, millis_since
from hookline.domain.inbound.tasks import InboundTask, task_from_text, wait_after
from hookline.domain.net.header_rules import read_traceparent, trace_id
from hookline.errors import Unavailable
from hookline.services.inbound.process_message import ComeBack, Finished, Over, ProcessMessage

if TYPE_CHECKING:
    from hookline.ports import Concurrently
    from hookline.ports.inbound import InboundTimers
    from hookline.ports.sending import DeadLetters

_LOG = logging.getLogger("hookline.inbound_worker")

_RENEW_AFTER = 8
"""After so many receives a message is sent anew instead of hidden again: the queue sets it aside
after 10 (template.yaml), whatever our own count of tries."""

type _Task = tuple[Record, InboundTask]


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a record; ``hide`` is how long to hide it, None if it is done."""

    record: Record
    hide: timedelta | None


class WorkOnBatch:
    """Works on all records side by side."""

    def __init__(
        self,
        *,
        process: ProcessMessage,
        queue: InboundTimers,
        dead_letters: DeadLetters,
        concurrently: Concurrently,
        metrics: Metrics,
    ) -> None:
        self._process = process
        self._queue = queue
        self._concurrently = concurrently
        self._metrics = metrics
        self._intake = Intake(_task, dead_letters=dead_letters, logger=_LOG, metrics=metrics)

    def __call__(self, records: Sequence[Record]) -> list[str]:
        """The ids of the messages that must come back."""
        return self._intake(records, self._work_on)

    def _work_on(self, tasks: Mapping[str, _Task]) -> Iterator[str]:
        waits: dict[str, timedelta] = {}
        for result in self._concurrently(self._work, tasks.values()):
            if result.hide is None:
                yield name_of(result.record)
            else:
                waits[result.record["receiptHandle"]] = result.hide
        if waits:
            self._queue.hide(waits)

    def _work(self, given: _Task) -> _Result:
        record, task = given
        try:
            return self._processed(record, task)
        except Unavailable as error:
            self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
            _LOG.warning("inbound.unavailable", extra={"reason": str(error)})
        except Exception:  # noqa: BLE001 - one message's surprise must not take its batch along
            self._metrics.add(Metric.WORK_FAILED, outcome="broken")
            _LOG.exception("inbound.failed", extra={"queue_message": record["messageId"]})
        # As long as the wait between tries: an outage of minutes must not use them all up.
        return _Result(record, wait_after(_receipts(record)))

    def _processed(self, record: Record, task: InboundTask) -> _Result:
        began = perf_counter()
        result = self._process(task.tenant, task.message_id)
        self._tell_surprises(task, result)
        _log(task, result, millis_since(began))
        if isinstance(result, Finished) and result.message.outcome is not None:
            outcome = result.message.outcome.value
            self._metrics.add(Metric.INBOUND_MESSAGES, outcome=outcome)
        if not isinstance(result, ComeBack):
            return _Result(record, None)
        if result.unavailable:
            self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
        if _receipts(record) >= _RENEW_AFTER:
            self._queue.send(task.tenant, task.message_id, result.after)
            return _Result(record, None)
        return _Result(record, result.after)

    def _tell_surprises(self, task: InboundTask, result: Finished | ComeBack | Over) -> None:
        """A bug in one function's run is recorded for the tenant; the log says where it is."""
        for surprise in () if isinstance(result, Over) else result.did.surprises:
            self._metrics.add(Metric.WORK_FAILED, outcome="broken")
            fields = {"tenant": task.tenant, "message_id": task.message_id}
            _LOG.error("inbound.function_failed", exc_info=surprise, extra=fields)


def _task(record: Record) -> _Task:
    return record, task_from_text(record["body"])


def _receipts(record: Record) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def _log(task: InboundTask, result: Finished | ComeBack | Over, millis: float) -> None:
    fields: dict[str, object] = {
        "tenant": task.tenant,
        "message_id": task.message_id,
        "duration_ms": millis,
    }
    if not isinstance(result, Over) and result.did.event_ids:
        fields["event_ids"] = result.did.event_ids
    match result:
        case Finished(message):
            fields |= {
                "status": message.status.value,
                "outcome": message.outcome.value if message.outcome else None,
                "provider_id": message.provider_id,
                "functions": len(message.executions),
                "tries": message.tries,
                "trace_id": trace_id(read_traceparent(message.call.headers.get("traceparent"))),
            }
        case ComeBack(after, reason):
            fields |= {"again_after_seconds": after.total_seconds(), "reason": reason}
        case Over():
            fields["status"] = "over"
    _LOG.info("inbound.processed", extra=fields)
