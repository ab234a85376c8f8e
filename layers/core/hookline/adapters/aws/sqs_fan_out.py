"""The queue that carries the steps of large fan-outs, in Amazon SQS."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.adapters.aws.sqs import Queue
from hookline.domain.fan_out.fan_out import FanOutTask, fan_out_message


class SqsFanOutSteps:
    """The port `FanOutSteps`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, tasks: Sequence[FanOutTask]) -> None:
        """Ten to a call."""
        self._queue.send({"MessageBody": fan_out_message(task)} for task in tasks)
