"""The queues that carry steps of fan-outs and inbound messages, in Amazon SQS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.adapters.aws.sqs import Queue
from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.tasks import InboundTask, task_to_text

if TYPE_CHECKING:
    from hookline.domain.fan_out.fan_out import FanOutTask


class SqsFanOutSteps:
    """The port `FanOutSteps`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, tasks: Sequence[FanOutTask]) -> None:
        """Ten to a call; fair between tenants by MessageGroupId."""
        self._queue.send(
            {"MessageBody": task.message(), "MessageGroupId": task.tenant} for task in tasks
        )


class SqsInboundQueue:
    """The port `InboundQueue`, and the timers of the messages that were received from it."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(
        self, tenant: TenantId, message_id: MessageId, delay: timedelta = timedelta(0)
    ) -> None:
        """Fair between tenants by MessageGroupId; ``delay`` up to 15 minutes."""
        self._queue.send(
            [
                {
                    "MessageBody": task_to_text(InboundTask(tenant, message_id)),
                    "MessageGroupId": tenant,
                    "DelaySeconds": _whole_seconds(delay),
                }
            ]
        )

    def send_many(self, tenant: TenantId, message_ids: Sequence[MessageId]) -> None:
        """Ten to a call."""
        self._queue.send(
            {
                "MessageBody": task_to_text(InboundTask(tenant, message_id)),
                "MessageGroupId": tenant,
            }
            for message_id in message_ids
        )

    def hide(self, waits: Mapping[str, timedelta]) -> None:
        """Hides received messages, by receipt handle, from now on for so long.

        One that could not be hidden comes back when the queue's own time-out is over.
        """
        self._queue.hide(
            [
                {"ReceiptHandle": handle, "VisibilityTimeout": _whole_seconds(wait)}
                for handle, wait in waits.items()
            ]
        )


def _whole_seconds(wait: timedelta) -> int:
    return max(0, min(900, math.ceil(wait.total_seconds())))
