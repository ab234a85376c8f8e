"""Messages of the delivery and retry queues, and the log line of each."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hookline.adapters.aws.intake import Intake, Record, name_of
from hookline.adapters.telemetry import Metric, Metrics, Together
from hookline.domain.delivery.changing import planned_for
from hookline.domain.delivery.delivery import Attempt, Delivery
from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.times import iso
from hookline.ports.sending import DeadLetters, MoreMessages
from hookline.services.delivery.messages import Acknowledge, Handled, Inbox, LeaveIt, Received

_PUT_OFF = frozenset({"unread", "unwritten"})
"""AWS failed, yet the message need not be left for the queue to bring back."""

Deliver = Callable[[Sequence[Received], Callable[[], timedelta], Inbox], Iterable[Handled]]
"""The service `deliver`: the results of all messages, those of the inbox included."""


class DeliveryMessages:
    """Delivers messages. What it cannot prove done is reported as failed.

    Plain successes are logged by ``successes`` if there is one, else by a line each.
    """

    def __init__(
        self,
        *,
        deliver: Deliver,
        dead_letters: DeadLetters,
        more_first_attempts: MoreMessages,
        more_retries: MoreMessages,
        retry_queue_url: str,
        successes: Together[Success] | None,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._deliver = deliver
        self._successes = successes
        self._more_first_attempts = more_first_attempts
        self._more_retries = more_retries
        self._retry_queue = retry_queue_url.rpartition("/")[2]
        self._logger = logger
        self._metrics = metrics
        self._intake = Intake(
            self._received, dead_letters=dead_letters, logger=logger, metrics=metrics
        )

    def __call__(
        self, records: Sequence[Record], remaining: Callable[[], timedelta]
    ) -> Sequence[str]:
        """The ids of messages that must come again, in order."""
        of_retries = any(self._from_retries(record) for record in records)
        queue = self._more_retries if of_retries else self._more_first_attempts

        def work(messages: Mapping[str, Received]) -> Iterator[str]:
            inbox = _Inbox(queue, self._intake)
            try:
                for handled in self._deliver(list(messages.values()), remaining, inbox):
                    self._count(handled)
                    self._tell(handled)
                    if isinstance(handled.then, Acknowledge):
                        yield handled.message.id
            finally:
                if self._successes is not None:
                    self._successes.flush()

        return self._intake(records, work)

    def _from_retries(self, record: Record) -> bool:
        return str(record.get("eventSourceARN", "")).endswith(f":{self._retry_queue}")

    def _received(self, record: Record) -> Received:
        return Received(
            id=str(record["messageId"]),
            receipt=str(record["receiptHandle"]),
            task=parse_delivery_message(str(record["body"])),
            receives=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            may_hide=self._from_retries(record),
        )

    def _tell(self, handled: Handled) -> None:
        if self._successes is not None and (success := even_success(handled)) is not None:
            self._successes.add(handled.message.task.key.tenant, success)
            return
        name = "delivery.passed_over" if handled.attempt is None else "delivery.attempted"
        log = self._logger.info if handled.error is None else self._logger.error
        log(name, extra=fields_of(handled), exc_info=handled.error)

    def _count(self, handled: Handled) -> None:
        attempt, delivery = handled.attempt, handled.delivery
        if attempt is not None:
            self._metrics.add(Metric.ATTEMPTS, outcome=handled.outcome)
        elif handled.outcome == "ignored":
            self._metrics.add(Metric.NO_OPS)
        if isinstance(handled.then, LeaveIt) or handled.outcome in _PUT_OFF:
            why = "unavailable" if handled.error is None else "broken"
            self._metrics.add(Metric.WORK_FAILED, outcome=why)
        # What its webhook held up, being off, slow or limited, comes by the retry queue: that wait
        # is no delay of ours.
        straight = not handled.message.may_hide
        if attempt is not None and attempt.number == 1 and straight and delivery is not None:
            waited = attempt.started_at - delivery.created_at
            self._metrics.add(
                Metric.TIME_TO_FIRST_ATTEMPT, round(waited / timedelta(milliseconds=1))
            )


class _Inbox:
    """`hookline.services.delivery.messages.Inbox` of one queue."""

    def __init__(self, queue: MoreMessages, intake: Intake[Received]) -> None:
        self._queue = queue
        self._intake = intake

    def receive(self, limit: int) -> Sequence[Received]:
        records = self._queue.receive(limit)
        messages, settled = self._intake.read(records)
        if settled:
            handles = [str(each["receiptHandle"]) for each in records if name_of(each) in settled]
            self.delete(handles)
        return [replace(message, pulled=True) for message in messages.values()]

    def delete(self, receipts: Sequence[str]) -> None:
        self._queue.delete(receipts)


def fields_of(handled: Handled) -> dict[str, object]:
    """The fields of a message's log line."""
    task, message = handled.message.task, handled.message
    acknowledged = isinstance(handled.then, Acknowledge)
    fields: dict[str, object | None] = {
        "outcome": handled.outcome,
        "detail": handled.detail,
        "then": None if acknowledged else type(handled.then).__name__,
        "tenant": task.key.tenant,
        "webhook_id": task.key.webhook_id,
        "delivery_id": task.key.id,
        "event_id": task.event_id,
        "queue_message_id": None if acknowledged and message.receives == 1 else message.id,
        "receives": message.receives if message.receives > 1 else None,
        **_of_delivery(handled.delivery, handled.outcome),
        "trace_id": handled.trace_id,
        **_of_attempt(handled.attempt),
    }
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Success:
    """A plain success, without its bodies."""

    delivery_id: DeliveryId
    event_id: EventId
    webhook_id: WebhookId
    millis: int
    trace_id: str | None


def even_success(handled: Handled) -> Success | None:
    """A success at the first call and the first receive, on schedule."""
    attempt, message = handled.attempt, handled.message
    if attempt is None or handled.outcome != "success" or handled.error is not None:
        return None
    if message.receives > 1 or (attempt.number, attempt.trigger) != (1, "schedule"):
        return None
    key = message.task.key
    return Success(
        key.id, message.task.event_id, key.webhook_id, _millis(attempt), handled.trace_id
    )


def fields_together(successes: Sequence[Success]) -> dict[str, object]:
    """The fields of one line about several successes: ids and the slowest call."""
    deliveries: defaultdict[EventId, list[DeliveryId]] = defaultdict(list)
    for each in successes:
        deliveries[each.event_id].append(each.delivery_id)
    slowest = max(successes, key=lambda each: each.millis)
    return {
        "outcome": "success",
        # Not an object with ids as names: Logs Insights would make a field of each.
        "deliveries": [[event_id, *ids] for event_id, ids in deliveries.items()],
        "slowest_ms": slowest.millis,
        "slowest_webhook_id": slowest.webhook_id,
        "trace_ids": sorted({each.trace_id for each in successes if each.trace_id}) or None,
    }


def _of_delivery(delivery: Delivery | None, outcome: str) -> dict[str, object | None]:
    if delivery is None:
        return {}
    due = planned_for(delivery)
    return {
        "event_type": delivery.event_type,
        "status": None if outcome == delivery.status else str(delivery.status),
        "generation": delivery.generation or None,
        "next_attempt_at": None if due is None else iso(due),
    }


def _of_attempt(attempt: Attempt | None) -> dict[str, object | None]:
    if attempt is None:
        return {}
    return {
        "attempt": attempt.number,
        "trigger": None if attempt.trigger == "schedule" else attempt.trigger,
        "started_at": iso(attempt.started_at),
        "duration_ms": _millis(attempt),
        "response_status": None if attempt.response is None else attempt.response.status,
        "error_kind": None if attempt.error is None else attempt.error.kind,
        "address": attempt.address,
    }


def _millis(attempt: Attempt) -> int:
    return round(attempt.duration / timedelta(milliseconds=1))
