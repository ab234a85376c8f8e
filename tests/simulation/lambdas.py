"""What AWS Lambda does around the functions: processes, event source mappings, a minute's tick.

Batches, partial failures, redelivery, checkpoints and bisecting are as AWS documents them:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hookline.domain.event.event import Event
from hookline.errors import Unavailable
from tests.engine.queues import Message, Queue
from tests.engine.steps import Moment, Steps
from tests.simulation.actors import Actors, Crash

TIMEOUT = timedelta(seconds=60)
"""Of the functions that queues and the stream trigger."""

_START = timedelta(milliseconds=30)
"""From a message being there to its function beginning to work on it."""

AT_FIRST = 5
_MORE_EACH_SECOND = 5
"""What Lambda runs of a function for a standard queue that fills up: five at first, then 300 more
a minute. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

_STREAM_DELAY = timedelta(milliseconds=250)
"""Lambda asks a shard for records four times a second."""

_STREAM_KEEPS = timedelta(hours=24)
_LONGEST_PAUSE = timedelta(seconds=30)

type Records = Sequence[Mapping[str, Any]]
type Work = Callable[[Records], Sequence[str]]
"""A handler: records in, identifiers of those that must come again out."""


class Processes[Process]:
    """The warm processes of one function, each busy with one invocation at a time.

    One that dies takes what it had in memory with it.
    """

    def __init__(self, make: Callable[[], Process]) -> None:
        self._make = make
        self._idle: list[Process] = []

    def run[Answer](self, work: Callable[[Process], Answer]) -> Answer:
        process = self._idle.pop() if self._idle else self._make()
        answer = work(process)
        self._idle.append(process)
        return answer


class QueueMapping:
    """Hands a queue's messages to a function in batches and deletes what that does not report."""

    def __init__(
        self,
        *,
        name: str,
        queue: Queue,
        work: Work,
        actors: Actors,
        steps: Steps,
        batch_size: int = 10,
        concurrency: int = 100,
        at_first: int = 100,
    ) -> None:
        self.queue = queue
        self.off = False
        self.running = 0
        self.longest = timedelta(0)
        self._arn = f"arn:aws:sqs:eu-west-1:123456789012:{name}"
        self._work = work
        self._actors = actors
        self._steps = steps
        self._batch_size = batch_size
        self._concurrency = concurrency
        self._limit = min(at_first, concurrency)
        self._grows_at = actors.clock.now

    def poll(self) -> None:
        """Receives as long as there are messages and functions to work on them."""
        if self.running >= self._limit:
            self._grow()
        while self.running < self._limit and not self.off:
            messages = self.queue.receive(self._batch_size)
            if not messages:
                return
            self.running += 1
            self._actors.start(
                self._actors.clock.now + _START,
                lambda messages=messages: self._run(messages),  # type: ignore[misc] # a default binds it now
            )

    def _grow(self) -> None:
        """While all that may run do, a few more may each second."""
        now = self._actors.clock.now
        if self._limit < self._concurrency and now >= self._grows_at and self.queue.has_any:
            self._limit = min(self._limit + _MORE_EACH_SECOND, self._concurrency)
            self._grows_at = now + timedelta(seconds=1)

    def _run(self, messages: Sequence[Message]) -> None:
        begun = self._actors.clock.now
        # A function sees handles and counts as they were when the messages were received.
        handles = {message.id: message.handle for message in messages}
        try:
            failed = set(self._work([self._record(message) for message in messages]))
            step = self._steps.take("lambda.delete_messages")
            self._steps.hook(step, Moment.BEFORE)
        except (Crash, Unavailable):
            return  # they come back when they have been hidden for long enough
        finally:
            self.running -= 1
            self.longest = max(self.longest, self._actors.clock.now - begun)
        for message_id, handle in handles.items():
            if message_id not in failed:
                self.queue.delete(handle)

    def _record(self, message: Message) -> Mapping[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.handle,
            "body": message.body,
            "attributes": {"ApproximateReceiveCount": str(message.seen)},
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
        }


@dataclass(frozen=True, slots=True)
class _Image:
    """One record of the stream."""

    number: int
    key: str
    image: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class _Lane:
    """One of the shard's parallel batches: events of one key are always in the same lane."""

    records: deque[_Image] = field(default_factory=deque)
    at_most: int = 0
    running: bool = False
    pause: timedelta = _START


class StreamMapping:
    """Hands the events table's new images to a function, in the order of their keys.

    What is reported as failed is tried again from the first such record on; a batch that fails
    as a whole is cut in two; what is a day old falls out of the stream and is listed in ``lost``.
    """

    def __init__(
        self,
        *,
        work: Work,
        image: Callable[[Event], Mapping[str, Any]],
        actors: Actors,
        steps: Steps,
        batch_size: int = 100,
        parallel: int = 10,
    ) -> None:
        self.lost: list[str] = []
        self.running = 0
        self._work = work
        self._image = image
        self._actors = actors
        self._steps = steps
        self._batch_size = batch_size
        self._lanes = [_Lane(at_most=batch_size) for _ in range(parallel)]
        self._number = 0

    def put(self, event: Event) -> None:
        """A new image, as the table writes it when an event is accepted."""
        self.put_image(event.id, self._image(event), event.accepted_at)

    def put_image(self, key: str, image: Mapping[str, Any], at: datetime) -> None:
        """A new image of any item."""
        self._number += 1
        lane = self._lanes[zlib.crc32(key.encode()) % len(self._lanes)]
        lane.records.append(_Image(self._number, key, image, at))
        self._go_on(lane, _STREAM_DELAY)

    @property
    def waiting(self) -> Sequence[str]:
        """The keys of what has not been checkpointed."""
        return [record.key for lane in self._lanes for record in lane.records]

    def _go_on(self, lane: _Lane, after: timedelta) -> None:
        if lane.records and not lane.running:
            lane.running = True
            self.running += 1
            self._actors.start(self._actors.clock.now + after, lambda: self._run(lane))

    def _run(self, lane: _Lane) -> None:
        self._drop_what_expired(lane)
        batch = [lane.records[n] for n in range(min(lane.at_most, len(lane.records)))]
        done = 0
        try:
            failed = self._failed(batch)
            numbers = (n for n, record in enumerate(batch) if str(record.number) in failed)
            done = next(numbers, len(batch))
            lane.at_most = self._batch_size
        except (Crash, Unavailable):
            lane.at_most = max(1, len(batch) // 2)
        finally:
            lane.running = False
            self.running -= 1
        for _ in range(done):
            lane.records.popleft()
        lane.pause = _START if done else min(lane.pause * 2, _LONGEST_PAUSE)
        self._go_on(lane, lane.pause)

    def _failed(self, batch: Sequence[_Image]) -> set[str]:
        records = [
            {
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": str(record.number), "NewImage": record.image},
            }
            for record in batch
        ]
        failed = set(self._work(records)) if records else set()
        self._steps.hook(self._steps.take("lambda.checkpoint"), Moment.BEFORE)
        return failed

    def _drop_what_expired(self, lane: _Lane) -> None:
        now = self._actors.clock.now
        while lane.records and now - lane.records[0].at > _STREAM_KEEPS:
            self.lost.append(lane.records.popleft().key)


class Schedule:
    """Starts a function each time so much has passed. It must not wait unless it is ``begun`` so
    that it may."""

    def __init__(
        self,
        every: timedelta,
        work: Callable[[], None],
        actors: Actors,
        steps: Steps,
        begun: Callable[[Callable[[], None]], None] = lambda run: run(),
    ) -> None:
        self._every = every
        self._work = work
        self._actors = actors
        self._steps = steps
        self._begun = begun
        self._actors.at(self._next(), self._tick)

    def _tick(self) -> None:
        self._actors.at(self._next(), self._tick)
        self._begun(self._run)

    def _run(self) -> None:
        try:
            self._work()
            self._steps.hook(self._steps.take("lambda.end"), Moment.BEFORE)
        except (Crash, Unavailable):
            return  # the next one is another try

    def _next(self) -> datetime:
        now = self._actors.clock.now
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + ((now - midnight) // self._every + 1) * self._every
