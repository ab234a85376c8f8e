"""The ports of sending over the queues in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hookline.domain.delivery.delivery import DeliveryTask
from hookline.domain.delivery.tasks import dead_letter_message, delivery_message
from hookline.domain.fan_out.fan_out import FanOutTask
from tests.engine.queues import Queue

_LONGEST_DELAY = timedelta(seconds=900)


class InMemoryFirstAttempts:
    """`FirstAttempts`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, tasks: Sequence[DeliveryTask], *, crowd: bool = False) -> None:
        for task in tasks:
            group = task.key.tenant if crowd else task.key.webhook_id
            self._queue.send(delivery_message(task), group=group)


class InMemoryRetryTimers:
    """`RetryTimers`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None:
        for task, wait in waits:
            self._queue.send(
                delivery_message(task), delay=min(wait, _LONGEST_DELAY), group=task.key.webhook_id
            )

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        return [handle for handle, wait in waits if not self._queue.hide(handle, wait)]


class InMemoryDeadLetters:
    """`DeadLetters`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, task: DeliveryTask, reason: str) -> None:
        body = dead_letter_message(task, reason)
        self._queue.send(body, group=task.key.webhook_id, reason=reason)

    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        for task, reason in letters:
            self.send(task, reason)

    def set_aside(self, body: str, reason: str) -> None:
        self._queue.send(body, reason=reason)


class InMemoryFanOutSteps:
    """`FanOutSteps`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, tasks: Sequence[FanOutTask]) -> None:
        for task in tasks:
            self._queue.send(task.message(), group=task.tenant)


class OneByOne:
    """`Concurrently`, in order and without threads, so that runs can be replayed."""

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]:
        for item in items:
            yield function(item)


class InMemoryMoreMessages:
    """`MoreMessages`."""

    def __init__(self, queue: Queue, name: str) -> None:
        self._queue = queue
        self._name = name

    def receive(self, limit: int) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "messageId": message.id,
                "receiptHandle": message.handle,
                "body": message.body,
                "attributes": {"ApproximateReceiveCount": str(message.seen)},
                "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{self._name}",
            }
            for message in self._queue.receive(limit)
        ]

    def delete(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            self._queue.delete(receipt)


class AtOnce:
    """`Crew`: all work is done when it is started, in order, so that runs can be replayed."""

    def __init__(self) -> None:
        self._done: list[Any] = []

    def start(self, work: Callable[[], Any]) -> None:
        self._done.append(work())

    def done(self, within: timedelta) -> Sequence[Any]:
        done, self._done = self._done, []
        return done
