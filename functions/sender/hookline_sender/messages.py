"""Messages of the delivery and retry queues."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hookline.adapters.telemetry.metrics import Metric, Metrics
from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.errors import PoisonMessage, Unavailable
from hookline.ports.sending import DeadLetters, MoreMessages
from hookline.services.delivery.delivery_messages import (
    Acknowledge,
    Handled,
    Inbox,
    LeaveIt,
    Received,
)
from hookline_sender.log_lines import fields_of

_PUT_OFF = frozenset({"unread", "unwritten"})
"""What AWS kept from being done, though its message need not be left for that."""

Deliver = Callable[[Sequence[Received], Callable[[], timedelta], Inbox], Iterable[Handled]]
"""As the service `deliver` does it: what came of each message, those of the inbox included."""


class DeliveryMessages:
    """Delivers what the messages ask for. What it cannot prove done is reported as failed."""

    def __init__(
        self,
        *,
        deliver: Deliver,
        dead_letters: DeadLetters,
        more_first_attempts: MoreMessages,
        more_retries: MoreMessages,
        retry_queue_url: str,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._deliver = deliver
        self._dead_letters = dead_letters
        self._more_first_attempts = more_first_attempts
        self._more_retries = more_retries
        self._retry_queue = retry_queue_url.rpartition("/")[2]
        self._logger = logger
        self._metrics = metrics

    def __call__(
        self, records: Sequence[Mapping[str, Any]], remaining: Callable[[], timedelta]
    ) -> Sequence[str]:
        """The ids of messages that must come again, in order."""
        failed = dict.fromkeys(str(record["messageId"]) for record in records)
        messages, set_aside = self._read(records)
        for record in set_aside:
            failed.pop(str(record["messageId"]), None)
        of_retries = any(self._from_retries(record) for record in records)
        inbox = _Inbox(self._more_retries if of_retries else self._more_first_attempts, self._read)
        for handled in self._deliver(messages, remaining, inbox):
            self._tell(handled)
            if isinstance(handled.then, Acknowledge):
                failed.pop(handled.message.id, None)
        self._metrics.flush()
        return list(failed)

    def _read(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Received], Sequence[Mapping[str, Any]]]:
        """The messages, and the records that are none and have been set aside."""
        messages, set_aside = [], []
        for record in records:
            try:
                messages.append(self._received(record))
            except PoisonMessage as poison:
                if self._set_aside(record, poison.reason):
                    set_aside.append(record)
        return messages, set_aside

    def _from_retries(self, record: Mapping[str, Any]) -> bool:
        return str(record.get("eventSourceARN", "")).endswith(f":{self._retry_queue}")

    def _received(self, record: Mapping[str, Any]) -> Received:
        return Received(
            id=str(record["messageId"]),
            receipt=str(record["receiptHandle"]),
            task=parse_delivery_message(str(record["body"])),
            receives=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            may_hide=self._from_retries(record),
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
        if isinstance(handled.then, LeaveIt) or handled.outcome in _PUT_OFF:
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


class _Inbox:
    """`hookline.services.delivery.delivery_messages.Inbox` of one queue."""

    def __init__(
        self,
        queue: MoreMessages,
        read: Callable[
            [Sequence[Mapping[str, Any]]],
            tuple[Sequence[Received], Sequence[Mapping[str, Any]]],
        ],
    ) -> None:
        self._queue = queue
        self._read = read

    def receive(self, limit: int) -> Sequence[Received]:
        messages, set_aside = self._read(self._queue.receive(limit))
        if set_aside:
            self.delete([str(record["receiptHandle"]) for record in set_aside])
        return [replace(message, pulled=True) for message in messages]

    def delete(self, receipts: Sequence[str]) -> None:
        self._queue.delete(receipts)
