"""Sends deliveries that are due: parked ones, and those whose message got lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from hookline.domain.delivery.changing import asks_after, release
from hookline.domain.delivery.delivery import CLOCK_SHARDS, Delivery, DeliveryKey, OnTheClock
from hookline.domain.delivery.rotation import ALL, Share
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.services.waiting.round_robin import Failure, RoundRobin
from hookline.services.waiting.waiting_deliveries import Change, Refused, WaitingDeliveries

_AT_ONCE = 100

MOST_OF_A_SHARD = 12_500
"""Deliveries of a shard released in one round, 100,000 of all shards: many retries must not hold up
what other rounds send."""

_OUTAGE = 3
"""Pages in a row that DynamoDB refused as a whole; after them it counts as unavailable."""

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Released:
    """How many were released; ``behind``: how long the oldest one that is left has been due.

    ``failed``: webhooks whose log is throttled, and shards that could not be read. ``cut_short``:
    there was not enough time, or too much to do, to reach the end.
    """

    count: int
    behind: timedelta = _NOTHING
    cut_short: bool = False
    failed: Sequence[Failure] = ()


@dataclass(slots=True)
class _Walk:
    """How far one shard has been read; ``reached``: when the last delivery seen was due."""

    shard: int
    released: int = 0
    reached: datetime | None = None
    ended: bool = False
    throttled: dict[tuple[TenantId, WebhookId], Unavailable] = field(default_factory=dict)


class ReleaseDue:
    """Sets each delivery's due time one lease ahead, then sends its message.

    A crash in between delays that delivery by one lease. Two rounds at once release nothing twice:
    the compare and set lets one of them change it. Stale entries of the index are skipped.
    """

    def __init__(self, *, waiting: WaitingDeliveries, clock: Clock) -> None:
        self._waiting = waiting
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool], piece: Share = ALL) -> Released:
        """Those due longest first, shard by shard. Raises Unavailable in an outage.

        With eight shares each has one shard; with more, a part of one.
        """
        begun = self._clock()
        shards = range(CLOCK_SHARDS) if piece == ALL else [piece.number % CLOCK_SHARDS]
        part = Share(piece.number // CLOCK_SHARDS, max(1, piece.of // CLOCK_SHARDS))
        walks = [_Walk(shard) for shard in shards]
        round_robin = RoundRobin(has_time)
        for _ in round_robin(
            walks, lambda walk: self._pages(walk, begun, part), lambda walk: f"clock#{walk.shard}"
        ):
            continue
        left = [walk for walk in walks if not walk.ended]
        behind = (begun - walk.reached for walk in left if walk.reached is not None)
        return Released(
            count=sum(walk.released for walk in walks),
            behind=max(behind, default=_NOTHING),
            cut_short=len(left) > len(round_robin.failed),
            failed=(*round_robin.failed, *chain.from_iterable(map(_throttled, walks))),
        )

    def _pages(self, walk: _Walk, begun: datetime, part: Share) -> Iterator[None]:
        after: object | None = None
        in_vain = 0
        while walk.released < MOST_OF_A_SHARD:
            now = self._clock()
            page = self._waiting.due.on_the_clock(walk.shard, begun, _AT_ONCE, after)
            mine = [key for key in page.keys if part.has(key.id[::-1])]
            due = [one for one in self._waiting.read_some(mine) if _is_due(one, now)]
            others = (one for one in due if _log(one.key) not in walk.throttled)
            changes = [Change(one, release(one, now), asks_after(one)) for one in others]
            count, refused = self._waiting.put_some(changes)
            walk.throttled |= {_log(each.key): each.error for each in refused}
            walk.released += count
            walk.reached = max((_due_at(one) for one in due), default=walk.reached)
            in_vain = in_vain + 1 if refused and not count else 0
            _stop_in_an_outage(in_vain, refused)
            after = page.after
            if after is None:
                walk.ended = True
                return
            yield


def _stop_in_an_outage(in_vain: int, refused: Sequence[Refused]) -> None:
    if in_vain == _OUTAGE:
        raise Unavailable(str(refused[0].error))


def _throttled(walk: _Walk) -> Iterator[Failure]:
    for (tenant, webhook_id), error in walk.throttled.items():
        yield Failure(f"{tenant}/{webhook_id}", error)


def _log(key: DeliveryKey) -> tuple[TenantId, WebhookId]:
    return key.tenant, key.webhook_id


def _due_at(delivery: Delivery) -> datetime:
    return delivery.waiting.due_at if delivery.waiting else delivery.created_at


def _is_due(delivery: Delivery, now: datetime) -> bool:
    waiting = delivery.waiting
    return isinstance(waiting, OnTheClock) and waiting.due_at <= now
