"""Turns accepted events into deliveries, one for each webhook an event is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, chain
from typing import TYPE_CHECKING

from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import (
    CHUNK_SIZE,
    FanOut,
    FanOutTask,
    Match,
    delivery_key_of,
)
from hookline.domain.ids import DeliveryId, EventId, TenantId
from hookline.domain.lease import LEASE
from hookline.errors import Unavailable
from hookline.ports import Clock, Concurrently
from hookline.ports.events import Bookmark, Bookmarks, FanOuts, FanOutSteps
from hookline.services.fan_out.chunks import create_and_send
from hookline.services.fan_out.match_event import MatchEvents

if TYPE_CHECKING:
    from hookline.ports.deliveries import Deliveries, NewDeliveries
    from hookline.ports.sending import FirstAttempts
    from hookline.ports.webhooks import Subscriptions, Webhooks

CLAIMS_AT_ONCE = 4
"""Each is a write of its own, which takes some milliseconds to wait for: the first attempts of a
full batch would wait for a hundred of them in a row. Four keep at work the third of a processor
that the function has; more would take it from each other."""


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
type _Claim = FanOut | AlreadyClaimed | NotDone


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutStores:
    """What a fan-out reads and writes."""

    subscriptions: Subscriptions
    webhooks: Webhooks
    fan_outs: FanOuts
    new_deliveries: NewDeliveries
    deliveries: Deliveries
    bookmarks: Bookmarks


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A fan-out to claim, and the matches of its further chunks."""

    fan_out: FanOut
    further: Sequence[Sequence[Match]]


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
        concurrently: Concurrently,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._first_attempts = first_attempts
        self._steps = steps
        self._concurrently = concurrently
        self._clock = clock

    def __call__(self, events: Sequence[Event], run: str) -> Sequence[Outcome]:
        """One outcome for each event, in order. ``run`` names this run and no other."""
        proposals, others = self._proposals(events, run)
        numbered = list(enumerate(proposals))
        lanes = [numbered[start::CLAIMS_AT_ONCE] for start in range(CLAIMS_AT_ONCE)]
        claims = dict(chain.from_iterable(self._concurrently(self._claim, filter(None, lanes))))
        ordered = [claims[number] for number in range(len(proposals))]
        claimed = [claim for claim in ordered if isinstance(claim, FanOut)]
        failure: NotDone | None = None
        try:
            # Whatever became of the others: before its lease is over nobody else may do it.
            self._finish(claimed)
        except Unavailable as error:
            failure = NotDone(str(error))
        outcomes: list[Outcome] = [
            (failure or _fanned_out(claim)) if isinstance(claim, FanOut) else claim
            for claim in ordered
        ]
        return [*outcomes, *others]

    def _proposals(
        self, events: Sequence[Event], run: str
    ) -> tuple[Sequence[_Proposal], Sequence[Outcome]]:
        """The fan-outs to claim, of the first events, and what becomes of those after them."""
        matching = MatchEvents(self._stores.subscriptions, self._stores.webhooks)
        proposals: list[_Proposal] = []
        deliveries = 0
        outcome: Outcome = LeftOver()
        try:
            self._set_sweep_back(events)
            for event in events:
                if deliveries >= _MOST_IN_ONE_RUN:
                    break
                now = self._clock()
                proposals.append(_proposal(event, matching(event, now), run, now))
                deliveries += len(proposals[-1].fan_out.matches)
        except Unavailable as error:
            outcome = NotDone(str(error))
        return proposals, [outcome] * (len(events) - len(proposals))

    def _claim(self, lane: Sequence[tuple[int, _Proposal]]) -> Sequence[tuple[int, _Claim]]:
        """One after the other, until DynamoDB is unavailable: a call takes seconds to say so."""
        claims: list[tuple[int, _Claim]] = []
        try:
            for number, proposal in lane:
                mine = self._stores.fan_outs.claim(proposal.fan_out, proposal.further)
                claims.append((number, proposal.fan_out if mine else AlreadyClaimed()))
        except Unavailable as error:
            failure = NotDone(str(error))
            claims += [(number, failure) for number, _ in lane[len(claims) :]]
        return claims

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


def _proposal(event: Event, matches: Sequence[Match], run: str, now: datetime) -> _Proposal:
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
    return _Proposal(fan_out, further)


def _fanned_out(fan_out: FanOut) -> FannedOut:
    few = fan_out.matches if fan_out.matched_count <= _NAMED else ()
    return FannedOut(
        fan_out.matched_count, tuple(delivery_key_of(fan_out, each.webhook_id).id for each in few)
    )
