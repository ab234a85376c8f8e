"""Messages of the fan-out queue: the further steps of large fan-outs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from hookline.adapters.aws.intake import Intake, Record
from hookline.adapters.telemetry import Metric, Metrics, millis_since
from hookline.domain.fan_out.fan_out import FanOutTask, parse_fan_out_message
from hookline.errors import Unavailable
from hookline.services.fan_out.chunks import ChunkDone, CreateChunk
from hookline.services.fan_out.continue_fan_out import ContinueFanOut

if TYPE_CHECKING:
    from hookline.ports.sending import DeadLetters


class StepMessages:
    """Creates one chunk's deliveries for each message."""

    def __init__(
        self,
        *,
        create_chunk: CreateChunk,
        continue_fan_out: ContinueFanOut,
        dead_letters: DeadLetters,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._create_chunk = create_chunk
        self._continue_fan_out = continue_fan_out
        self._logger = logger
        self._metrics = metrics
        self._intake = Intake(_task, dead_letters=dead_letters, logger=logger, metrics=metrics)

    def __call__(
        self, records: Sequence[Record], run: str, has_time: Callable[[], bool]
    ) -> Sequence[str]:
        """The ids of messages that must come again, in order."""

        def work(tasks: Mapping[str, FanOutTask]) -> Iterator[str]:
            for name, task in tasks.items():
                try:
                    done = self._one(task, run, has_time)
                except Unavailable as error:
                    self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
                    self._logger.warning("chunk.not_created", extra={"reason": str(error)})
                    continue
                if done:
                    yield name

        return self._intake(records, work)

    def _one(self, task: FanOutTask, run: str, has_time: Callable[[], bool]) -> bool:
        if task.chunk is None:
            self._continue(task, run, has_time)
            return True
        fields = {"tenant": task.tenant, "event_id": task.event_id, "chunk": task.chunk}
        began = perf_counter()
        outcome = self._create_chunk(task, task.chunk, run)
        if not isinstance(outcome, ChunkDone):
            self._logger.info("chunk.held", extra=fields)
            return False
        self._metrics.add(Metric.DELIVERIES_CREATED, outcome.created)
        self._metrics.add(Metric.MENDED, outcome.mended)
        done = {
            "deliveries": outcome.created,
            "mended": outcome.mended,
            "duration_ms": millis_since(began),
        }
        self._logger.info("chunk.created", extra={**fields, **done})
        return True

    def _continue(self, task: FanOutTask, run: str, has_time: Callable[[], bool]) -> None:
        began = perf_counter()
        done = self._continue_fan_out(task, run, has_time)
        self._metrics.add(Metric.DELIVERIES_CREATED, done.created)
        if done.passed_over:
            self._metrics.add(Metric.PASSED_OVER, done.passed_over)
        counts = {"matched": done.matched, "passed_over": done.passed_over or None}
        fields = {"tenant": task.tenant, "event_id": task.event_id, **counts}
        if done.stopped is not None:
            self._metrics.add(Metric.POISON)
            self._logger.error("fan_out.set_aside", extra={**fields, "reason": done.stopped})
        millis = millis_since(began)
        self._logger.info("fan_out.continued", extra={**fields, "duration_ms": millis})


def _task(record: Record) -> FanOutTask:
    return parse_fan_out_message(str(record["body"]))
