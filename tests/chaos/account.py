"""What became of every event that was accepted while things were broken: lost, stuck, repeated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

UNWRITTEN_FOR = timedelta(seconds=15)
"""How long after its call came an attempt may not be written yet: a machine may be a busy one. A
process that dies later than that takes no attempt with it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A delivery as the API tells it when all is over."""

    id: str
    webhook_id: str
    event_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call as its endpoint saw it, and the status that it answered."""

    delivery_id: str
    attempt: int
    at: datetime
    status: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to the system. ``kills`` are of senders; ``retries`` by delivery."""

    kills: Collection[datetime]
    retries: Mapping[str, Collection[datetime]]
    cancelled: Collection[str]


@dataclass(frozen=True, slots=True)
class Account:
    """``repeats`` are calls that a kill explains, at most one for each of them and each call."""

    statuses: Counter[str]
    lost: tuple[str, ...]
    stuck: tuple[str, ...]
    repeats: int
    unexplained: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.stuck or self.unexplained)


def account(
    promised: Collection[tuple[str, str]],
    deliveries: Collection[Ended],
    calls: Iterable[Call],
    done: Done,
) -> Account:
    """``promised`` are the webhook and the event of each delivery that there must be."""
    by_delivery: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_delivery[call.delivery_id].append(call)
    repeated = [pair for each in by_delivery.values() for pair in _repeated(each)]
    explained = [_explained(first, again, done) for first, again in repeated]
    return Account(
        statuses=Counter(one.status for one in deliveries),
        lost=(*_missing(promised, deliveries), *_lied(deliveries, by_delivery, done)),
        stuck=tuple(one.id for one in deliveries if one.status in ("created", "retrying")),
        repeats=sum(explained),
        unexplained=tuple(
            f"attempt {again.attempt} of {again.delivery_id} at {first.at} and {again.at}"
            for (first, again), why in zip(repeated, explained, strict=True)
            if not why
        ),
    )


def _missing(promised: Collection[tuple[str, str]], there: Iterable[Ended]) -> Iterator[str]:
    found = {(one.webhook_id, one.event_id) for one in there}
    for webhook_id, event_id in sorted(set(promised) - found):
        yield f"no delivery of {event_id} to {webhook_id}"


def _lied(
    deliveries: Iterable[Ended], calls: Mapping[str, Collection[Call]], done: Done
) -> Iterator[str]:
    for one in deliveries:
        taken = any(200 <= call.status < 300 for call in calls.get(one.id, ()))
        if one.status == "success" and not taken:
            yield f"{one.id} is called a success, and no endpoint took it"
        if one.status == "cancelled" and one.id not in done.cancelled:
            yield f"{one.id} is cancelled, and nobody asked for it"
        if one.status != "cancelled" and one.id in done.cancelled:
            yield f"{one.id} is {one.status}, and its cancel was answered 200"
        if one.status == "failed":
            yield f"{one.id} failed, with days of its age to go"


def _repeated(calls: Collection[Call]) -> Iterator[tuple[Call, Call]]:
    """Calls of one attempt, each with the one before: what is written gives the next a number."""
    attempts: defaultdict[int, list[Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.at):
        attempts[call.attempt].append(call)
    for same in attempts.values():
        yield from pairwise(same)


def _explained(first: Call, again: Call, done: Done) -> bool:
    """A sender died with the first one in hand, or a user asked for another beside it."""
    killed = any(first.at <= kill <= min(again.at, first.at + UNWRITTEN_FOR) for kill in done.kills)
    asked = any(again.at >= at for at in done.retries.get(first.delivery_id, ()))
    return killed or asked
