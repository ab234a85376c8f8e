"""Turns accepted events into deliveries: small fan-outs at once, large ones through a queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.domain.delivery.tasks import task_of
from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import (
    FanOut,
    FanOutTask,
    Stretch,
    claim_of,
    delivery_key_of,
    delivery_of,
)
from hookline.domain.ids import DeliveryId, TenantId
from hookline.domain.sandbox.allowance import Allowance
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.events import FanOutSteps
from hookline.services.fan_out.claims import Claims
from hookline.services.fan_out.filter_failures import FilterFailures
from hookline.services.fan_out.match_event import MatchEvent
from hookline.services.fan_out.subscribers import Subscribers

if TYPE_CHECKING:
    from hookline.ports.deliveries import NewDeliveries
    from hookline.ports.sending import FirstAttempts

SMALL_STEPS = 15_000
"""Steps that a tenant's events may take in one batch of the stream: some 15 ms of a whole
processor, 50 ms of the function's. What takes more continues through the queue."""

SMALL_MATCHES = 100
"""Deliveries of one event that are created at once."""

MOST_OF_A_TENANT = 500
"""Deliveries of one tenant that a batch of the stream creates: 20 batch writes, 50 batch sends."""

_MOST_IN_ONE_RUN = 2_000
"""Deliveries after which a run takes no further event, so that it ends within its time."""

_HEAVY_FOR = timedelta(minutes=1)
"""For this long a tenant's events go straight to the queue after one of them was large, or its
items could not be read: finding that out for each event would delay other tenants."""

_NOTHING_YET = Stretch((), None, finished=False)

_NAMED = 10
"""Deliveries of one event whose ids are logged. Logs are paid for by the byte, and the
deliveries of a large fan-out are found by their attempts."""


@dataclass(frozen=True, slots=True)
class FannedOut:
    """The event's deliveries exist and their messages are sent: ``matched`` of them so far.

    ``goes_on`` if matching is not finished, or some could not be created yet: the queue continues
    with those. ``deliveries`` names those of a small fan-out, for the log; ``passed_over`` counts
    subscriptions that cannot be read or evaluated.
    """

    matched: int
    deliveries: tuple[DeliveryId, ...] = ()
    goes_on: bool = False
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class AlreadyClaimed:
    """Another run claimed the event. If that one crashed, the sweep completes the fan-out."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """AWS refused a part of it: another run must try the event again."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Nothing failed, but this run has no time left: another run must take the event."""


@dataclass(frozen=True, slots=True)
class Broken:
    """No run can fan it out: a bug, or an item of an unexpected form."""

    error: Exception


Outcome = FannedOut | AlreadyClaimed | NotDone | LeftOver | Broken


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A fan-out to claim, for the event with this number."""

    number: int
    fan_out: FanOut
    passed_over: int = 0


class FanOutEvents:
    """Fans out a batch of events together, so that writes and messages fill their batches.

    Every event is claimed first, by one conditional write that decides for good which webhooks it
    is for, as far as they were found. The run that claims it creates its deliveries; a run that
    finds it claimed does nothing. A crash after the claim costs one lease, until the sweep comes
    by.

    All tenants share the stream: if one tenant's webhooks take too many steps, or its items are
    refused, its fan-out continues through the queue, which is fair between tenants.
    """

    def __init__(
        self,
        *,
        subscribers: Subscribers,
        failures: FilterFailures,
        match: MatchEvent,
        claims: Claims,
        new_deliveries: NewDeliveries,
        first_attempts: FirstAttempts,
        steps: FanOutSteps,
        clock: Clock,
    ) -> None:
        self._subscribers = subscribers
        self._failures = failures
        self._match = match
        self._claims = claims
        self._new_deliveries = new_deliveries
        self._first_attempts = first_attempts
        self._steps = steps
        self._clock = clock
        self._heavy: dict[TenantId, datetime] = {}

    def __call__(
        self, events: Sequence[Event], run: str, has_time: Callable[[], bool] = lambda: True
    ) -> Sequence[Outcome]:
        """One outcome for each event, in order. ``run`` names this run and no other."""
        refused = self._claims.set_sweep_back(events)
        self._refresh({event.tenant for event in events})
        outcomes: dict[int, Outcome] = {}
        proposals = self._proposals(events, run, has_time, refused, outcomes)
        claimed = self._claims.claim({each.number: each.fan_out for each in proposals}, refused)
        outcomes |= {number: AlreadyClaimed() for number, is_mine in claimed.items() if not is_mine}
        mine = [each for each in proposals if claimed.get(each.number)]
        unclaimed = self._out_of_patience(events, mine, refused, outcomes)
        self._finish(mine, unclaimed, outcomes)
        self._failures.tell()
        return [outcomes[number] for number in range(len(events))]

    def _refresh(self, tenants: set[TenantId]) -> None:
        """A tenant whose subscriptions cannot be read is claimed all the same."""
        try:
            self._are_heavy(set(self._subscribers.refresh(tenants, in_haste=True)))
        except Unavailable:
            # Nobody's fault: it counts for this batch only.
            self._are_heavy(tenants, timedelta(0))

    def _are_heavy(self, tenants: set[TenantId], lasts: timedelta = _HEAVY_FOR) -> None:
        now = self._clock()
        heavy = {tenant: until for tenant, until in self._heavy.items() if until > now}
        self._heavy = dict.fromkeys(tenants, now + lasts) | heavy

    def _proposals(
        self,
        events: Sequence[Event],
        run: str,
        has_time: Callable[[], bool],
        refused: Mapping[TenantId, str],
        outcomes: dict[int, Outcome],
    ) -> Sequence[_Proposal]:
        """The fan-outs to claim; sets the outcome of all other events."""
        allowances: defaultdict[TenantId, Allowance]
        allowances = defaultdict(lambda: Allowance(SMALL_STEPS))
        created: Counter[TenantId] = Counter()
        proposals: list[_Proposal] = []
        for number, event in enumerate(events):
            tenant = event.tenant
            if created.total() >= _MOST_IN_ONE_RUN or not has_time():
                outcomes[number] = LeftOver()
            elif tenant not in refused:
                most = min(SMALL_MATCHES, MOST_OF_A_TENANT - created[tenant])
                try:
                    stretch = self._stretch(event, allowances[tenant], most)
                except Exception as error:  # noqa: BLE001 - one event must not hold up the others
                    outcomes[number] = Broken(error)
                    continue
                created[tenant] += len(stretch.matches)
                fan_out = claim_of(event, stretch, run, self._clock())
                proposals.append(_Proposal(number, fan_out, stretch.passed_over))
        return proposals

    def _stretch(self, event: Event, allowance: Allowance, most: int) -> Stretch:
        """What can be matched in the time that the stream allows."""
        if event.tenant in self._heavy or most <= 0:
            return _NOTHING_YET
        try:
            stretch = self._match(event, self._clock(), allowance, most=most)
        except Unavailable:
            self._are_heavy({event.tenant})
            return _NOTHING_YET
        if not stretch.finished and not allowance.left:
            self._are_heavy({event.tenant})
        return stretch

    def _out_of_patience(
        self,
        events: Sequence[Event],
        mine: Sequence[_Proposal],
        refused: Mapping[TenantId, str],
        outcomes: dict[int, Outcome],
    ) -> Sequence[tuple[int, Event]]:
        """The events, with their numbers, that are to wait for their claim in the queue."""
        done = outcomes.keys() | {proposal.number for proposal in mine}
        left = [(number, event) for number, event in enumerate(events) if number not in done]
        waits = self._claims.out_of_patience(
            claimed={proposal.fan_out.tenant for proposal in mine} - refused.keys(),
            unclaimed={event.tenant for _, event in left},
        )
        any_reason = next(iter(refused.values()), "")
        for number, event in left:
            if event.tenant in waits:
                outcomes[number] = FannedOut(0, goes_on=True)
            else:
                outcomes[number] = NotDone(refused.get(event.tenant, any_reason))
        return [(number, event) for number, event in left if event.tenant in waits]

    def _finish(
        self,
        claimed: Sequence[_Proposal],
        unclaimed: Sequence[tuple[int, Event]],
        outcomes: dict[int, Outcome],
    ) -> None:
        """Completes what this run has claimed: before its lease is over nobody else may."""
        steps = {
            number: FanOutTask(event.tenant, event.id, event.accepted_at)
            for number, event in unclaimed
        }
        try:
            incomplete = self._create(claimed)
        except Unavailable as error:
            outcomes |= {each.number: NotDone(str(error)) for each in claimed}
            claimed, incomplete = [], set()
        for proposal in claimed:
            fan_out = proposal.fan_out
            if fan_out.open or proposal.number in incomplete:
                steps[proposal.number] = _next_step(fan_out)
            outcomes[proposal.number] = _fanned_out(proposal, goes_on=proposal.number in steps)
        try:
            if steps:
                self._steps.send(list(steps.values()))
        except Unavailable as error:
            outcomes |= dict.fromkeys(steps, NotDone(str(error)))

    def _create(self, claimed: Sequence[_Proposal]) -> set[int]:
        """The numbers of fan-outs with deliveries that could not be created. Raises Unavailable."""
        new = [
            (proposal.number, delivery_of(proposal.fan_out, match))
            for proposal in claimed
            if not proposal.fan_out.test
            for match in proposal.fan_out.matches
        ]
        left = self._new_deliveries.create_some([each for _, each in new]) if new else ()
        tasks = [task_of(delivery) for _, delivery in new if delivery.key not in left]
        if tasks:
            self._first_attempts.send(tasks)
        # A test's delivery was created, and its message sent, by whoever published it: the queue
        # checks it in case that one died.
        tests = {proposal.number for proposal in claimed if proposal.fan_out.test}
        return tests | {number for number, delivery in new if delivery.key in left}


def _next_step(fan_out: FanOut) -> FanOutTask:
    """More matching, which also completes the record's own chunk."""
    return FanOutTask(fan_out.tenant, fan_out.event_id, fan_out.accepted_at, claim=fan_out.claim)


def _fanned_out(proposal: _Proposal, *, goes_on: bool) -> FannedOut:
    fan_out = proposal.fan_out
    few = fan_out.matches if fan_out.matched_count <= _NAMED else ()
    return FannedOut(
        fan_out.matched_count,
        tuple(delivery_key_of(fan_out, each.webhook_id).id for each in few),
        goes_on,
        proposal.passed_over,
    )
