"""Messages of the delivery and retry queues."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hookline.adapters.telemetry.metrics import Metric, Metrics
from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.errors import PoisonMessage, Unavailable
from hookline.ports.sending import DeadLetters
from hookline.services.delivery.delivery_messages import Acknowledge, Handled, LeaveIt, Received
from hookline_sender.log_lines import fields_of

Deliver = Callable[[Sequence[Received], Callable[[], timedelta]], Sequence[Handled]]
"""As the service `deliver` does it: what came of each message. May raise Unavailable."""


class DeliveryMessages:
    """Delivers what the messages ask for. What it cannot prove done is reported as failed."""

    def __init__(
        self,
        *,
        deliver: Deliver,
        dead_letters: DeadLetters,
        retry_queue_url: str,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._deliver = deliver
        self._dead_letters = dead_letters
        self._retry_queue = retry_queue_url.rpartition("/")[2]
        self._logger = logger
        self._metrics = metrics

    def __call__(
        self, records: Sequence[Mapping[str, Any]], remaining: Callable[[], timedelta]
    ) -> Sequence[str]:
        """The ids of messages that must come again, in order."""
        failed = dict.fromkeys(str(record["messageId"]) for record in records)
        messages: list[Received] = []
        for record in records:
            try:
                messages.append(self._received(record))
            except PoisonMessage as poison:
                if self._set_aside(record, poison.reason):
                    failed.pop(str(record["messageId"]), None)
        for handled in self._delivered(messages, remaining):
            self._tell(handled)
            if isinstance(handled.then, Acknowledge):
                failed.pop(handled.message.id, None)
        self._metrics.flush()
        return list(failed)

    def _delivered(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta]
    ) -> Sequence[Handled]:
        try:
            return self._deliver(messages, remaining)
        except Unavailable as error:
            self._metrics.add(Metric.WORK_FAILED, len(messages), outcome="unavailable")
            self._logger.warning(
                "batch.not_read", extra={"error": str(error), "messages": len(messages)}
            )
            return ()

    def _received(self, record: Mapping[str, Any]) -> Received:
        return Received(
            id=str(record["messageId"]),
            receipt=str(record["receiptHandle"]),
            task=parse_delivery_message(str(record["body"])),
            receives=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            may_hide=str(record.get("eventSourceARN", "")).endswith(f":{self._retry_queue}"),
        )

    def _set_aside(self, record: Mapping[str, Any], reason: str) -> bool:
        try:
            self._dead_letters.set_aside(str(record["body"]), reason)
        except Unavailable as error:
            self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
            self._logger.warning(
                "message.not_set_aside", extra={"reason": reason, "error": str(error)}
            )
            return False
        self._metrics.add(Metric.POISON)
        self._logger.error(
            "message.set_aside", extra={"reason": reason, "queue_message_id": record["messageId"]}
        )
        return True

    def _tell(self, handled: Handled) -> None:
        attempt, delivery = handled.attempt, handled.delivery
        if attempt is not None:
            self._metrics.add(Metric.ATTEMPTS, outcome=handled.outcome)
        elif handled.outcome == "ignored":
            self._metrics.add(Metric.NO_OPS)
        if isinstance(handled.then, LeaveIt):
            why = "unavailable" if handled.error is None else "broken"
            self._metrics.add(Metric.WORK_FAILED, outcome=why)
        # What was held up by its webhook, being off, slow or limited, comes by the retry queue:
        # that wait is no delay of ours.
        straight = not handled.message.may_hide
        if attempt is not None and attempt.number == 1 and straight and delivery is not None:
            waited = attempt.started_at - delivery.created_at
            self._metrics.add(Metric.TIME_TO_FIRST_ATTEMPT, waited / timedelta(milliseconds=1))
        name = "delivery.passed_over" if attempt is None else "delivery.attempted"
        log = self._logger.info if handled.error is None else self._logger.error
        log(name, extra=fields_of(handled), exc_info=handled.error)
