"""Runs with very many deliveries, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from statistics import mean, quantiles

from hookline.domain.ids import WebhookId
from hookline.errors import Unavailable
from tests.simulation.accounts import Account, account
from tests.simulation.actors import Crash
from tests.simulation.endpoints import BROKEN, HANGS, OK, Behaviour, Reply, always, in_turn, until
from tests.simulation.world import HOUR, MINUTE, SECOND, Size, World

HEALTHY = 100
_EVERY = 6 * MINUTE
"""What each healthy endpoint gets an event."""

_TICK = timedelta(milliseconds=100)


def publish_steadily(world: World, event_type: str, *, count: int, per_second: float) -> None:
    """``count`` events from now on, spread evenly; one that is not answered is sent again."""
    begin, published = world.clock.now, 0

    def tick() -> None:
        nonlocal published
        elapsed = (world.clock.now - begin) / SECOND
        while published < count and published <= elapsed * per_second:
            # The same id again: what was accepted, though nobody was told, is not sent twice.
            try:
                world.publish(event_type, id=f"event-{len(world.accepted)}")
            except (Crash, Unavailable):
                break
            published += 1
        if published < count:
            next_at = begin + timedelta(seconds=published / per_second)
            world.actors.at(max(next_at, world.clock.now + _TICK), tick)

    tick()


@dataclass(frozen=True, slots=True)
class Waits:
    """Times from acceptance to the first attempt."""

    mean: timedelta
    p50: timedelta
    p99: timedelta
    longest: timedelta

    @classmethod
    def of(cls, world: World, webhook_ids: set[WebhookId]) -> Waits:
        calls = world.endpoints.calls
        seconds = [
            (calls[one.key.id][0].at - one.created_at).total_seconds()
            for one in world.deliveries
            if one.key.webhook_id in webhook_ids and one.key.id in calls
        ]
        cuts = quantiles(seconds, n=100)
        figures = mean(seconds), cuts[49], cuts[98], max(seconds)
        return cls(*(timedelta(seconds=figure) for figure in figures))


class InFlight:
    """Samples how many messages are in flight, of a webhook (``about`` its id) or of all."""

    def __init__(
        self, world: World, lasts: timedelta, about: str = "", every: timedelta = SECOND
    ) -> None:
        self.most = 0
        self._world = world
        self._about = about
        self._every = every
        self._end = world.clock.now + lasts
        self._sample()

    def _sample(self) -> None:
        now, engine = self._world.clock.now, self._world.engine
        queues = (engine.delivery_queue, engine.retry_queue)
        self.most = max(self.most, sum(queue.in_flight_with(self._about) for queue in queues))
        if now < self._end:
            self._world.actors.at(now + self._every, self._sample)


@dataclass(frozen=True, slots=True)
class Dead:
    """An endpoint that hangs until it ``comes_back_after`` a while."""

    events: int
    per_second: float
    comes_back_after: timedelta


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run with one dead endpoint beside healthy ones showed."""

    healthy: Waits
    calls_in_first_hour: int
    most_in_flight: int
    end: Account


def healthy_only(seed: int) -> Waits:
    """An hour of the healthy endpoints by themselves."""
    world = World(seed)
    webhook_ids = _healthy(world)
    world.run_for(HOUR + MINUTE)
    waits = Waits.of(world, webhook_ids)
    world.close()
    return waits


def dead_beside_healthy(
    seed: int, dead: Dead, lasts: timedelta, make: Callable[[int], World] = World
) -> Shown:
    """The same hour with a dead endpoint, and what became of all until it ``lasts``."""
    world = make(seed)
    webhook_ids = _healthy(world)
    behaviour = until(world.clock.now + dead.comes_back_after, HANGS)
    dead_id = world.webhook("dead", behaviour, events=["dead"])
    publish_steadily(world, "dead", count=dead.events, per_second=dead.per_second)
    in_flight = InFlight(world, HOUR, about=dead_id)
    world.run_for(HOUR)
    first_hour = len(world.endpoints.times["dead"])
    world.run_for(lasts - HOUR)
    shown = Shown(
        healthy=Waits.of(world, webhook_ids),
        calls_in_first_hour=first_hour,
        most_in_flight=in_flight.most,
        end=account(world),
    )
    world.close()
    return shown


def _healthy(world: World) -> set[WebhookId]:
    """Each of them gets its events for an hour, none of them when another does."""
    begin, webhook_ids = world.clock.now, set()
    for number in range(HEALTHY):
        name = f"healthy-{number}"
        webhook_ids.add(world.webhook(name, events=[name]))
        events = partial(
            publish_steadily, world, name, count=HOUR // _EVERY, per_second=SECOND / _EVERY
        )
        world.actors.at(begin + number * _EVERY / HEALTHY, events)
    return webhook_ids


def purged(seed: int, webhooks: int, before: int, after: int) -> tuple[int, Account]:
    """Both queues are purged while deliveries of ``before`` + ``after`` events are under way.

    Of ``before``, half of the first attempts have failed; those of ``after`` wait for theirs.
    Answers how many were pending at the purge, and how all of them ended.
    """
    world = World(seed)
    for number in range(webhooks):
        retry = {"initial_delay_seconds": 600, "multiplier": 1}
        behaviour = _often_fails(world, world.clock.now + MINUTE)
        world.webhook(f"flaky-{number}", behaviour, events=["many"], retry=retry)
    publish_steadily(world, "many", count=before, per_second=before / 10)
    world.run_for(MINUTE)
    for mapping in world.mappings.values():
        mapping.off = True
    publish_steadily(world, "many", count=after, per_second=after / 10)
    world.run_for(MINUTE)
    pending = account(world).open
    world.engine.delivery_queue.purge()
    world.engine.retry_queue.purge()
    for mapping in world.mappings.values():
        mapping.off = False
    world.run_for(5 * HOUR)
    end = account(world)
    world.close()
    return pending, end


def _often_fails(world: World, until_then: datetime) -> Behaviour:
    def behave(now: datetime) -> Reply:
        return BROKEN if now < until_then and world.random.random() < 0.5 else OK

    return behave


SMALL = Size(senders=2, calls_side_by_side=20, in_flight_cap=1_000)
"""A stack whose queues fill up with few deliveries, in proportion to what works on them."""


def all_fail(
    seed: int, webhooks: int, events: int, lasts: timedelta, size: Size = SMALL
) -> tuple[int, Account]:
    """Every endpoint hangs. Answers the most messages in flight, and how all stands at the end.

    With two ``events`` no circuit opens: it takes three deliveries.
    """
    world = World(seed, size)
    for number in range(webhooks):
        world.webhook(f"down-{number}", always(HANGS))
    publish_steadily(world, "any", count=events, per_second=events / (lasts / SECOND))
    in_flight = InFlight(world, lasts, every=10 * SECOND)
    world.run_for(lasts)
    end = account(world)
    world.close()
    return in_flight.most, end


def flickers(seed: int, events: int, lasts: timedelta, size: Size = SMALL) -> tuple[int, Account]:
    """One endpoint fails two calls of three, which opens no circuit.

    Answers the most of its messages in flight, and how all stands at the end.
    """
    world = World(seed, size)
    number = count()
    world.webhook("flickers", lambda _now: BROKEN if next(number) % 3 else OK)
    publish_steadily(world, "any", count=events, per_second=10 * events / (lasts / SECOND))
    in_flight = InFlight(world, lasts, every=10 * SECOND)
    world.run_for(lasts)
    end = account(world)
    world.close()
    return in_flight.most, end


def too_many_for_a_round(seed: int, events: int) -> list[int]:
    """All of so many held deliveries expire at once. Answers how many each round ended from then
    on, until one ends none."""
    world = World(seed)
    webhook_id = world.webhook("off", retry={"max_age_seconds": 3600})
    world.mappings["deliveries"].off = True
    publish_steadily(world, "any", count=events, per_second=1e6)
    world.run_for(5 * SECOND)
    world.edit(webhook_id, enabled=False)
    world.mappings["deliveries"].off = False
    world.run_for(HOUR)
    rounds, before = [0], events
    while rounds[-1] or len(rounds) == 1:
        world.run_for(MINUTE)
        now_open = account(world).open
        rounds.append(before - now_open)
        before = now_open
    world.close()
    return rounds[1:-1]


def slow_beside_healthy(
    seed: int, events: int, per_second: float, takes: timedelta
) -> tuple[Waits, timedelta]:
    """How long the healthy ones wait while an endpoint that takes so long gets ``events``.

    Then how late a retry is, of one that fails once when most of them wait in the retry queue.
    """
    world = World(seed)
    webhook_ids = _healthy(world)
    world.webhook("slow", always(Reply(200, after=takes)), events=["slow"])
    publish_steadily(world, "slow", count=events, per_second=per_second)
    world.webhook(
        "flaky", in_turn(BROKEN, OK), events=["flaky"], retry={"initial_delay_seconds": 5}
    )
    all_there = world.clock.now + timedelta(seconds=events / per_second)

    def publish_one() -> None:
        world.publish("flaky")

    world.actors.at(all_there, publish_one)
    world.run_for(HOUR + MINUTE)
    waits = Waits.of(world, webhook_ids)
    (retried,) = (one for one in world.deliveries if one.event_type == "flaky")
    first, second = world.endpoints.calls[retried.key.id]
    world.close()
    return waits, second.at - first.at - 5 * SECOND
