"""One queue a webhook within an invocation: how many of its calls run at once, and which wait."""

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
"""Concurrent calls to one webhook from one invocation. Those not started can still be held back or
sent on when the webhook proves to be failing or slow: the default of 100 concurrent senders makes
400 calls at most to an endpoint that has just died, which is to get fewer than 500 in an hour."""

_CLOGGED = timedelta(milliseconds=250)
"""When all concurrent calls to an endpoint have waited this long, further first attempts do not
wait behind them, though the endpoint does not count as slow yet."""

MARGIN = timedelta(seconds=8)
"""Time that must be left when a call ends, to write its result."""

type WebhookKey = tuple[TenantId, WebhookId]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not been started, what was read for it, and when."""

    message: Received
    snapshot: Snapshot
    read_at: datetime


@dataclass(slots=True)
class Lane:
    """One webhook's messages in this invocation. ``wire``: when each call under way began."""

    key: WebhookKey
    watch: WebhookWatch
    waiting: deque[Waiting] = field(default_factory=deque)
    wire: dict[DeliveryKey, datetime] = field(default_factory=dict)
    running: int = 0

    def longest(self, now: datetime) -> timedelta:
        """How long its oldest call has been under way."""
        began = list(self.wire.values())
        return now - min(began) if began else timedelta()

    def diverts(self, now: datetime) -> bool:
        """Whether a first attempt is to go to the retry queue, to leave its place to others.

        So it is when the endpoint is known to be slow, or keeps all its calls waiting.
        """
        longest = self.longest(now)
        full = self.running >= self._calls_at_once and longest >= _CLOGGED
        return full or longest >= SLOW or self.watch.health.slow(now)

    def has_room(self, now: datetime) -> bool:
        """Whether the next waiting message may start. One that is diverted makes no call."""
        if self.running < self._calls_at_once:
            return True
        return not self.waiting[0].message.may_hide and self.diverts(now)

    @property
    def _calls_at_once(self) -> int:
        return _SIDE_BY_SIDE_IN_TROUBLE if self.watch.troubled else SIDE_BY_SIDE


class Lanes:
    """The lanes of one invocation. Only `work` and `report` may be called by several threads."""

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
        """Adds messages to their lanes; returns the lanes that got any."""
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
        """The messages that may start now; a lane with nothing left is dropped."""
        now = self._clock()
        while lane.waiting and lane.has_room(now):
            lane.running += 1
            yield lane.waiting.popleft()
        if not lane.running:
            self._lanes.pop(lane.key, None)

    def waited(self, at_least: timedelta) -> Sequence[Lane]:
        """Lanes with a call that has been under way for so long."""
        now = self._clock()
        busy = (lane for lane in self._lanes.values() if lane.wire)
        return [lane for lane in busy if lane.longest(now) >= at_least]

    @property
    def waiting(self) -> int:
        """How many messages have not been started."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    @property
    def on_the_wire(self) -> int:
        """How many calls are under way."""
        return sum(len(lane.wire) for lane in self._lanes.values())

    def work(self, lane: Lane, waiting: Waiting, reading: Reading) -> Handled:
        """Handles one message; whatever happens is returned as a value."""
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
            # The messages that wait are decided on with what is known of the webhook by now.
            self.report(lane)
        return handled

    def report(self, lane: Lane) -> None:
        """Writes what was learnt about the webhook's health."""
        try:
            lane.watch.report(self._clock())
        except Unavailable:
            # The deliveries are written. The next failures are counted by the next batch.
            return

    def _has_time(self, call: timedelta) -> bool:
        return self._remaining() > call + MARGIN
