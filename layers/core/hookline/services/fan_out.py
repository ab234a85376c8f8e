"""Turns accepted events into deliveries, one for each webhook an event is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from hookline.domain.event import Event
from hookline.domain.fan_out import (
    CHUNK_SIZE,
    FanOut,
    FanOutTask,
    Match,
    delivery_key_of,
    delivery_of,
)
from hookline.domain.ids import DeliveryId, EventId, TenantId
from hookline.domain.lease import LEASE
from hookline.domain.lifecycle import task_of
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.deliveries import Deliveries, NewDeliveries
from hookline.ports.events import Bookmark, Bookmarks, FanOuts, FanOutSteps
from hookline.ports.sending import FirstAttempts
from hookline.ports.webhooks import Subscriptions, Webhooks
from hookline.services.match_event import MatchEvents

_LATE = LEASE / 2
"""An event fanned out later than this may lie behind the sweep: half a lease covers clocks that
differ and the time a batch takes."""


_MOST_IN_ONE_RUN = 2_000
"""Deliveries after which a run claims no further event: 80 batch writes and 200 batch sends are
well within an invocation, and a batch of large fan-outs takes several."""


_NAMED = 10
"""As many deliveries are told by their ids, so that each finds its event in the log. A log is paid
for by the byte, and one of many is found by its attempts."""


@dataclass(frozen=True, slots=True)
class FannedOut:
    """The event's deliveries exist and their messages are sent: ``matched`` of them.

    Those of further chunks are asked for, one step each. ``deliveries`` names those of a small
    fan-out, for the log.
    """

    matched: int
    deliveries: tuple[DeliveryId, ...] = ()


@dataclass(frozen=True, slots=True)
class AlreadyClaimed:
    """Another run claimed the event. Should that one have died half way, the sweep goes on."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """A service did not do its part: the event is to be given to another run."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Nothing went wrong, but this run has its fill: the event is to be given to another one."""


Outcome = FannedOut | AlreadyClaimed | NotDone | LeftOver


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutStores:
    """What a fan-out reads and writes."""

    subscriptions: Subscriptions
    webhooks: Webhooks
    fan_outs: FanOuts
    new_deliveries: NewDeliveries
    deliveries: Deliveries
    bookmarks: Bookmarks


class FanOutEvents:
    """Fans a batch of events out together, so that writes and messages fill their batches.

    Every event is claimed first, by one conditional write that decides its webhooks for good.
    Whoever claims it creates its deliveries blindly, as nobody else can have; whoever finds it
    claimed does nothing. A crash after the claim costs one lease, until the sweep comes by.
    """

    def __init__(
        self,
        *,
        stores: FanOutStores,
        first_attempts: FirstAttempts,
        steps: FanOutSteps,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._first_attempts = first_attempts
        self._steps = steps
        self._clock = clock

    def __call__(self, events: Sequence[Event], run: str) -> Sequence[Outcome]:
        """One outcome for each event, in order. ``run`` names this run and no other."""
        matching = MatchEvents(self._stores.subscriptions, self._stores.webhooks)
        outcomes: list[Outcome] = []
        claimed: list[FanOut] = []
        taken = 0
        try:
            self._set_sweep_back(events)
            for event in events:
                if taken >= _MOST_IN_ONE_RUN:
                    outcomes.append(LeftOver())
                    continue
                fan_out = self._claim(event, matching, run)
                if fan_out is None:
                    outcomes.append(AlreadyClaimed())
                else:
                    claimed.append(fan_out)
                    taken += len(fan_out.matches)
                    outcomes.append(_fanned_out(fan_out))
        except Unavailable as error:
            # What is claimed is still finished: nobody else may, before its lease is over.
            outcomes += [NotDone(str(error))] * (len(events) - len(outcomes))
        try:
            self._finish(claimed)
        except Unavailable as error:
            return [
                NotDone(str(error)) if isinstance(outcome, FannedOut) else outcome
                for outcome in outcomes
            ]
        return outcomes

    def _claim(self, event: Event, matching: MatchEvents, run: str) -> FanOut | None:
        now = self._clock()
        matches = matching(event, now)
        first, *further = [*batched(matches, CHUNK_SIZE, strict=False)] or [()]
        fan_out = FanOut(
            tenant=event.tenant,
            event_id=event.id,
            event_type=event.type,
            accepted_at=event.accepted_at,
            claim=run,
            claimed_at=now,
            matches=first,
            matched_count=len(matches),
            further_chunks=len(further),
            test=event.test,
        )
        return fan_out if self._stores.fan_outs.claim(fan_out, further) else None

    def _finish(self, claimed: Sequence[FanOut]) -> None:
        create_and_send(
            [(fan_out, fan_out.matches) for fan_out in claimed if not fan_out.test],
            self._stores.new_deliveries,
            self._first_attempts,
        )
        for fan_out in claimed:
            if fan_out.test:
                self._create_unless_there(fan_out)
        steps = [
            FanOutTask(fan_out.tenant, fan_out.event_id, fan_out.accepted_at, chunk)
            for fan_out in claimed
            for chunk in range(1, fan_out.further_chunks + 1)
        ]
        if steps:
            self._steps.send(steps)

    def _create_unless_there(self, fan_out: FanOut) -> None:
        """A test's delivery was created, and its message sent, by whoever published it."""
        keys = [delivery_key_of(fan_out, match.webhook_id) for match in fan_out.matches]
        there = self._stores.deliveries.progress(keys)
        both = zip(fan_out.matches, keys, strict=True)
        missing = [match for match, key in both if key not in there]
        create_and_send([(fan_out, missing)], self._stores.new_deliveries, self._first_attempts)

    def _set_sweep_back(self, events: Sequence[Event]) -> None:
        late: dict[TenantId, datetime] = {}
        for event in events:
            if self._clock() - event.accepted_at > _LATE:
                earliest = late.get(event.tenant, event.accepted_at)
                late[event.tenant] = min(earliest, event.accepted_at)
        for tenant, accepted_at in late.items():
            self._stores.bookmarks.rewind(tenant, Bookmark(accepted_at, EventId("")))


def _fanned_out(fan_out: FanOut) -> FannedOut:
    few = fan_out.matches if fan_out.matched_count <= _NAMED else ()
    return FannedOut(
        fan_out.matched_count, tuple(delivery_key_of(fan_out, each.webhook_id).id for each in few)
    )


def create_and_send(
    chunks: Sequence[tuple[FanOut, Sequence[Match]]],
    deliveries: NewDeliveries,
    first_attempts: FirstAttempts,
) -> None:
    """Creates deliveries that nobody else can have created, then asks for their first attempts."""
    new = [delivery_of(fan_out, match) for fan_out, matches in chunks for match in matches]
    if new:
        deliveries.create(new)
        first_attempts.send([task_of(delivery) for delivery in new])
