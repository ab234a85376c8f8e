"""The queues that carry deliveries, in Amazon SQS.

What a delivery's message says is imported where one is written: other queues pass here as well, in
functions that know no delivery.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import Backoff, translated
from hookline.domain.net.xml_characters import sayable
from hookline.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from hookline.domain.delivery.delivery import DeliveryTask

_ENTRIES_PER_CALL = 10
_BYTES_PER_CALL = 1_048_576 - 16_384
"""SQS takes 1 MiB a message and a batch; the rest is room for attributes.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

_LONGEST_DELAY_SECONDS = 900
_LONGEST_HIDING_SECONDS = 43_200 - 600
"""SQS hides a message for 12 hours from its receipt at most, so what has passed since counts."""

_TRIES = 6

_REASON_LENGTH = 1_000

type Entry = Mapping[str, Any]
"""One entry of a batch as the client takes it, but for its Id."""


class Queue:
    """One queue: batches of ten, bounded in bytes, of which only what failed is sent again.

    ``sleep`` and ``jitter`` (0..1) time the waits between tries; they are arguments for tests.
    """

    def __init__(
        self,
        client: SQSClient,
        url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._url = url
        self._backoff = Backoff(sleep, jitter)

    def send(self, entries: Iterable[Entry]) -> None:
        """Sends all, or raises Unavailable; some may have been sent then."""
        for some in _batches(entries):
            failed = self._repeat(some, self._send)
            if failed:
                raise Unavailable(f"SendMessageBatch: {len(failed)} messages were not taken")

    def hide(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Changes the visibility of received messages; answers with those it could not."""
        return self._as_far_as_can_be(entries, self._hide)

    def delete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Deletes received messages; answers with those it could not."""
        return self._as_far_as_can_be(entries, self._delete)

    def _as_far_as_can_be(
        self, entries: Sequence[Entry], call: Callable[[list[Any]], Mapping[str, Any]]
    ) -> Sequence[Entry]:
        left: list[Entry] = []
        for some in batched(entries, _ENTRIES_PER_CALL, strict=False):
            try:
                left.extend(self._repeat(some, call))
            except Unavailable:
                left.extend(some)
        return left

    def _repeat(
        self, entries: Sequence[Entry], call: Callable[[list[Any]], Mapping[str, Any]]
    ) -> Sequence[Entry]:
        """Calls with all entries, then with those that failed; answers with what still does."""
        left = list(entries)
        refused: list[Entry] = []
        for _ in self._backoff.tries(_TRIES):
            with translated():
                answer = call([{"Id": str(n), **entry} for n, entry in enumerate(left)])
            failed = answer.get("Failed", ())
            # A fault of the sender's stays one: an expired receipt handle, say.
            refused.extend(left[int(each["Id"])] for each in failed if each["SenderFault"])
            left = [left[int(each["Id"])] for each in failed if not each["SenderFault"]]
            if not left:
                break
        return refused + left

    def _send(self, entries: list[Any]) -> Mapping[str, Any]:
        return self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

    def _hide(self, entries: list[Any]) -> Mapping[str, Any]:
        return self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _delete(self, entries: list[Any]) -> Mapping[str, Any]:
        return self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)


class SqsMoreMessages:
    """The port `MoreMessages`. ``name`` stands for the queue as it does in what Lambda hands over.

    Short polls: there is a backlog, or nothing to be had, and whoever asks has better to do.
    """

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url
        self._queue = Queue(client, url)
        self._arn = f":{url.rpartition('/')[2]}"

    def receive(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """One call."""
        with translated():
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=limit,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "eventSourceARN": self._arn,
            }
            for message in answer.get("Messages", ())
        ]

    def delete(self, receipts: Sequence[str]) -> None:
        """Ten to a call."""
        self._queue.delete([{"ReceiptHandle": receipt} for receipt in receipts])


class SqsFirstAttempts:
    """The port `FirstAttempts`: MessageGroupId makes a standard queue fair between webhooks.

    Of a group that has many messages in flight SQS hands out less, as long as there are others.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, tasks: Sequence[DeliveryTask], *, crowd: bool = False) -> None:
        """Ten to a call."""
        from hookline.domain.delivery.tasks import delivery_message  # noqa: PLC0415 - see above

        self._queue.send(
            {
                "MessageBody": delivery_message(task),
                "MessageGroupId": task.key.tenant if crowd else task.key.webhook_id,
            }
            for task in tasks
        )


class SqsRetryTimers:
    """The port `RetryTimers`; fair between webhooks too: one that is slow delays no other's."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None:
        """Waits beyond 15 minutes are cut to that, SQS's longest: who comes early waits again."""
        from hookline.domain.delivery.tasks import delivery_message  # noqa: PLC0415 - see above

        self._queue.send(
            {
                "MessageBody": delivery_message(task),
                "DelaySeconds": _whole_seconds(wait, _LONGEST_DELAY_SECONDS),
                "MessageGroupId": task.key.webhook_id,
            }
            for task, wait in waits
        )

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        """Never raises: a message that could not be hidden comes back when its queue says."""
        left = self._queue.hide(
            [
                {
                    "ReceiptHandle": handle,
                    "VisibilityTimeout": _whole_seconds(wait, _LONGEST_HIDING_SECONDS),
                }
                for handle, wait in waits
            ]
        )
        return [entry["ReceiptHandle"] for entry in left]


class SqsDeadLetters:
    """The port `DeadLetters`: the reason stands in the body and in an attribute of its own."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, task: DeliveryTask, reason: str) -> None:
        """A body that can be redriven to the delivery queue as it stands."""
        self.send_many([(task, reason)])

    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        """Ten to a call."""
        from hookline.domain.delivery.tasks import dead_letter_message  # noqa: PLC0415 - see above

        self._queue.send(
            {
                "MessageBody": dead_letter_message(task, _printable(reason)),
                "MessageGroupId": task.key.webhook_id,
                **_reason(reason),
            }
            for task, reason in letters
        )

    def set_aside(self, body: str, reason: str) -> None:
        """The body as it came, but for characters that SQS refuses and what exceeds its limit."""
        content = sayable(body, "\N{REPLACEMENT CHARACTER}").encode()[:_BYTES_PER_CALL]
        text = content.decode(errors="ignore") or "(empty)"
        self._queue.send([{"MessageBody": text, **_reason(reason)}])


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        length = len(entry["MessageBody"].encode())
        if batch and (len(batch) == _ENTRIES_PER_CALL or size + length > _BYTES_PER_CALL):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def _whole_seconds(wait: timedelta, longest: int) -> int:
    # Rounded up: a message that comes a little late is acted on, one that comes early waits again.
    return max(0, min(longest, math.ceil(wait.total_seconds())))


def _reason(reason: str) -> Entry:
    return {
        "MessageAttributes": {
            "reason": {"DataType": "String", "StringValue": _printable(reason) or "unknown"}
        }
    }


def _printable(text: str) -> str:
    return sayable(text, " ")[:_REASON_LENGTH]
