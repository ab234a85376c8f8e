"""Works on a batch of the delivery or retry queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import Unavailable
from hookline.ports import Clock, Concurrently
from hookline.ports.sending import RetryTimers, Snapshots
from hookline.ports.webhooks import WebhookHealth
from hookline.services.delivery.deliver_one import DeliverOne, Work
from hookline.services.delivery.delivery_messages import (
    Acknowledge,
    Handled,
    HideUntil,
    LeaveIt,
    Received,
    SendInstead,
)
from hookline.services.webhook.health import TellCircuit, WebhookWatch

SIDE_BY_SIDE = 4
_SIDE_BY_SIDE_IN_TROUBLE = 2
"""Calls to one webhook at once, in one batch: when it turns out to be failing, those that did not
begin can still be held. 100 senders at once, the default, then have 400 calls on the wire at most
when an endpoint that has just died is flooded: it is to get fewer than 500 in its first hour."""

MARGIN = timedelta(seconds=8)
"""What must be left of the time when a call ends, to write what came of it."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """One of the lines that a webhook's messages are worked through in, side by side."""

    waiting: deque[tuple[Received, Snapshot]]
    began_at: datetime
    watch: WebhookWatch
    has_time: Callable[[timedelta], bool]


class Deliver:
    """Reads once for the whole batch, makes its calls side by side, times what comes back at once.

    What it does not hand back as acknowledged comes back: a crash anywhere repeats at most the
    calls that were on the wire or whose result was not written yet.
    """

    def __init__(
        self,
        *,
        snapshots: Snapshots,
        deliver_one: DeliverOne,
        timers: RetryTimers,
        health: WebhookHealth,
        tell: TellCircuit,
        concurrently: Concurrently,
        clock: Clock,
    ) -> None:
        self._snapshots = snapshots
        self._deliver_one = deliver_one
        self._timers = timers
        self._health = health
        self._tell = tell
        self._concurrently = concurrently
        self._clock = clock

    def __call__(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta]
    ) -> Sequence[Handled]:
        """What came of each message, in any order; ``remaining`` is what is left of the time.

        Raises Unavailable when nothing could be read: no message was worked on then.
        """
        # A second message for the same delivery waits until what the first one does is written.
        first: dict[DeliveryKey, Received] = {}
        for message in messages:
            first.setdefault(message.task.key, message)
        repeats = [message for message in messages if first[message.task.key] is not message]
        handled = self._pass(list(first.values()), remaining)
        return [*handled, *self._repeats(repeats, remaining)] if repeats else handled

    def _repeats(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta]
    ) -> Sequence[Handled]:
        try:
            return self(messages, remaining)
        except Unavailable as error:
            return [Handled(one, "unavailable", LeaveIt(), str(error)) for one in messages]

    def _pass(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta]
    ) -> Sequence[Handled]:
        work, handled = self._read(messages)
        lanes, watches = self._lanes(work, lambda call: remaining() > call + MARGIN)
        for some in self._concurrently(self._work, lanes):
            handled.extend(some)
        for watch in watches:
            self._report(watch)
        return self._timed(handled)

    def _read(
        self, messages: Sequence[Received]
    ) -> tuple[Sequence[tuple[Received, Snapshot]], list[Handled]]:
        """Each message with what stands; those of an item that somebody broke by hand apart."""
        try:
            found = self._snapshots.load([message.task for message in messages])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one broken item must not stop its batch
            if len(messages) == 1:
                return [], [Handled(messages[0], "broken", LeaveIt(), repr(error), error=error)]
            # Which one it is shows when each is read by itself.
            alone = [self._read([message]) for message in messages]
            return [one for work, _ in alone for one in work], [
                one for _, broken in alone for one in broken
            ]
        return list(zip(messages, found, strict=True)), []

    def _lanes(
        self,
        work: Sequence[tuple[Received, Snapshot]],
        has_time: Callable[[timedelta], bool],
    ) -> tuple[Sequence[_Lane], Sequence[WebhookWatch]]:
        by_webhook: dict[tuple[TenantId, WebhookId], deque[tuple[Received, Snapshot]]] = {}
        for message, snapshot in work:
            key = message.task.key
            waiting = by_webhook.setdefault((key.tenant, key.webhook_id), deque())
            waiting.append((message, snapshot))
        now = self._clock()
        lanes: list[_Lane] = []
        watches: list[WebhookWatch] = []
        for waiting in by_webhook.values():
            watch = WebhookWatch(waiting[0][1].health, self._health, self._tell)
            watches.append(watch)
            width = _SIDE_BY_SIDE_IN_TROUBLE if watch.troubled else SIDE_BY_SIDE
            lane = _Lane(waiting, now, watch, has_time)
            lanes.extend([lane] * min(width, len(waiting)))
        return lanes, watches

    def _work(self, lane: _Lane) -> Sequence[Handled]:
        handled: list[Handled] = []
        while True:
            try:
                message, snapshot = lane.waiting.popleft()
            except IndexError:  # other lanes of this webhook may have taken the last one
                return handled
            handled.append(self._one(message, snapshot, lane))
            if lane.waiting:
                # What is known by now decides about those that did not begin.
                self._report(lane.watch)

    def _one(self, message: Received, snapshot: Snapshot, lane: _Lane) -> Handled:
        try:
            if lane.watch.changed:
                (snapshot,) = self._snapshots.load([message.task])
            return self._deliver_one(
                Work(message, snapshot, lane.began_at, lane.watch, lane.has_time)
            )
        except Unavailable as error:
            return Handled(message, "unavailable", LeaveIt(), str(error))
        except Exception as error:  # noqa: BLE001 - one broken message must not stop its batch
            return Handled(message, "broken", LeaveIt(), repr(error), error=error)

    def _report(self, watch: WebhookWatch) -> None:
        try:
            watch.report(self._clock())
        except Unavailable:
            # The deliveries are written. The next failures are counted by the next batch.
            return

    def _timed(self, handled: Sequence[Handled]) -> Sequence[Handled]:
        """Sends and hides what comes back, each in as few calls as can be."""
        sends = [
            (one.then.task, one.then.due) for one in handled if isinstance(one.then, SendInstead)
        ]
        hides = [
            (one.message.receipt, one.then.due)
            for one in handled
            if isinstance(one.then, HideUntil)
        ]
        now = self._clock()
        if hides:
            # Those that could not be hidden come back early, and are hidden then.
            self._timers.extend([(receipt, max(due - now, timedelta())) for receipt, due in hides])
        try:
            if sends:
                self._timers.send([(task, max(due - now, timedelta())) for task, due in sends])
        except Unavailable as error:
            return [
                replace(one, then=LeaveIt(), detail=str(error))
                if isinstance(one.then, SendInstead)
                else one
                for one in handled
            ]
        return [
            replace(one, then=Acknowledge()) if isinstance(one.then, SendInstead) else one
            for one in handled
        ]
