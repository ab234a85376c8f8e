"""The lines in which one invocation works through the messages of each webhook."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import SLOW
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.webhooks import WebhookHealth
from hookline.services.delivery.deliver_one import DeliverOne, Work
from hookline.services.delivery.messages import Handled, LeaveIt, Reading, Received
from hookline.services.webhook.health import TellCircuit, WebhookWatch

SIDE_BY_SIDE = 4
_SIDE_BY_SIDE_IN_TROUBLE = 2
"""Calls to one webhook at once, in one invocation: when it turns out to be failing or slow, those
that did not begin can still be held or sent on. 100 senders at once, the default, then have 400
calls on the wire at most when an endpoint that has just died is flooded: it is to get fewer than
500 in its first hour."""

_CLOGGED = timedelta(milliseconds=250)
"""When all calls that an endpoint may have at once wait so long for it, what comes for it is not
let wait as well, nor is it known to be slow yet."""

MARGIN = timedelta(seconds=8)
"""What must be left of the time when a call ends, to write what came of it."""

type WebhookKey = tuple[TenantId, WebhookId]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not begun, what stood when it was read, and when that was."""

    message: Received
    snapshot: Snapshot
    read_at: datetime


@dataclass(slots=True)
class Lane:
    """One webhook's messages in this invocation. ``wire`` holds when each of its calls began."""

    key: WebhookKey
    watch: WebhookWatch
    waiting: deque[Waiting] = field(default_factory=deque)
    wire: dict[DeliveryKey, datetime] = field(default_factory=dict)
    running: int = 0

    def longest(self, now: datetime) -> timedelta:
        """How long a call of it has been under way."""
        began = list(self.wire.values())
        return now - min(began) if began else timedelta()

    def diverts(self, now: datetime) -> bool:
        """Whether a first attempt shall leave its place to others.

        Its endpoint is slow, as far as anybody knows, or lets all calls wait that it may have.
        """
        longest = self.longest(now)
        full = self.running >= self._calls_at_once and longest >= _CLOGGED
        return full or longest >= SLOW or self.watch.health.slow(now)

    def has_room(self, now: datetime) -> bool:
        """Whether the next that waits may begin. What is diverted makes no call."""
        if self.running < self._calls_at_once:
            return True
        return not self.waiting[0].message.may_hide and self.diverts(now)

    @property
    def _calls_at_once(self) -> int:
        return _SIDE_BY_SIDE_IN_TROUBLE if self.watch.troubled else SIDE_BY_SIDE


class Lanes:
    """All of one invocation. Only `work` and `report` may be called by several threads at once."""

    def __init__(
        self,
        deliver_one: DeliverOne,
        health: WebhookHealth,
        tell: TellCircuit,
        clock: Clock,
        remaining: Callable[[], timedelta],
    ) -> None:
        self._deliver_one = deliver_one
        self._health = health
        self._tell = tell
        self._clock = clock
        self._remaining = remaining
        self._lanes: dict[WebhookKey, Lane] = {}

    def place(self, work: Sequence[tuple[Received, Snapshot]]) -> Sequence[Lane]:
        """Lines messages up; answers the lanes that have got some."""
        now = self._clock()
        lanes: dict[WebhookKey, Lane] = {}
        for message, snapshot in work:
            key = (message.task.key.tenant, message.task.key.webhook_id)
            lane = self._lanes.get(key)
            if lane is None:
                watch = WebhookWatch(snapshot.health, self._health, self._tell)
                lane = self._lanes[key] = Lane(key, watch)
            lane.waiting.append(Waiting(message, snapshot, now))
            lanes[key] = lane
        return list(lanes.values())

    def next_of(self, lane: Lane) -> Iterator[Waiting]:
        """Those that may begin now; a lane with nothing left is forgotten."""
        now = self._clock()
        while lane.waiting and lane.has_room(now):
            lane.running += 1
            yield lane.waiting.popleft()
        if not lane.running:
            self._lanes.pop(lane.key, None)

    def waited(self, at_least: timedelta) -> Sequence[Lane]:
        """Those a call of which has been under way so long."""
        now = self._clock()
        busy = (lane for lane in self._lanes.values() if lane.wire)
        return [lane for lane in busy if lane.longest(now) >= at_least]

    @property
    def waiting(self) -> int:
        """How many messages have not begun."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    @property
    def on_the_wire(self) -> int:
        """How many calls are under way."""
        return sum(len(lane.wire) for lane in self._lanes.values())

    def work(self, lane: Lane, waiting: Waiting, reading: Reading) -> Handled:
        """Does what one message asks for; whatever happens comes back as a value."""
        message = waiting.message
        try:
            snapshot = reading.again(message) if lane.watch.changed else waiting.snapshot
            handled = self._deliver_one(
                Work(
                    message=message,
                    snapshot=snapshot,
                    began_at=waiting.read_at,
                    watch=lane.watch,
                    wire=lane.wire,
                    diverts=lane.diverts,
                    has_time=self._has_time,
                )
            )
        except Unavailable as error:
            handled = Handled(message, "unavailable", LeaveIt(), str(error))
        except Exception as error:  # noqa: BLE001 - one broken message must not stop its batch
            handled = Handled(message, "broken", LeaveIt(), repr(error), error=error)
        if lane.waiting:
            # What is known by now decides about those that did not begin.
            self.report(lane)
        return handled

    def report(self, lane: Lane) -> None:
        """Writes what was seen of the webhook."""
        try:
            lane.watch.report(self._clock())
        except Unavailable:
            # The deliveries are written. The next failures are counted by the next batch.
            return

    def _has_time(self, call: timedelta) -> bool:
        return self._remaining() > call + MARGIN
