"""Runs with very many deliveries, and what is measured of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean, quantiles

from hookline.domain.ids import DeliveryId, WebhookId
from tests.simulation.accounts import Account, account
from tests.simulation.endpoints import HANGS, OK, Behaviour, always, until
from tests.simulation.world import HOUR, MINUTE, SECOND, World

HEALTHY = 100
_TICK = timedelta(milliseconds=100)


def publish_steadily(
    world: World, event_type: str, *, count: int, per_second: float, begin: datetime
) -> None:
    """``count`` events from ``begin`` on, spread evenly."""
    published = 0

    def tick() -> None:
        nonlocal published
        elapsed = (world.clock.now - begin) / SECOND
        while published < count and published <= elapsed * per_second:
            world.publish(event_type, data={"n": published})
            published += 1
        if published < count:
            next_at = begin + timedelta(seconds=published / per_second)
            world.actors.at(max(next_at, world.clock.now + _TICK), tick)

    world.actors.at(begin, tick)


@dataclass(frozen=True, slots=True)
class Waits:
    """Times from acceptance to the first attempt."""

    mean: timedelta
    p50: timedelta
    p99: timedelta
    longest: timedelta

    @classmethod
    def of(cls, world: World, webhook_ids: set[WebhookId]) -> Waits:
        seconds = [
            (world.endpoints.calls[one.key.id][0].at - one.created_at).total_seconds()
            for one in world.deliveries
            if one.key.webhook_id in webhook_ids and one.key.id in world.endpoints.calls
        ]
        cuts = quantiles(seconds, n=100)
        return cls(*(timedelta(seconds=x) for x in (mean(seconds), cuts[49], cuts[98], max(seconds))))


@dataclass(slots=True)
class InFlight:
    """Samples, once a second, how many messages of a webhook (or of any) are in flight."""

    world: World
    about: str = ""
    most: int = 0
    until: datetime | None = None

    def start(self, lasts: timedelta) -> None:
        self.until = self.world.clock.now + lasts
        self.world.actors.at(self.world.clock.now, self._sample)

    def _sample(self) -> None:
        now = self.world.clock.now
        queues = (self.world.engine.delivery_queue, self.world.engine.retry_queue)
        self.most = max(self.most, sum(queue.in_flight_with(self.about) for queue in queues))
        if self.until is not None and now < self.until:
            self.world.actors.at(now + SECOND, self._sample)


@dataclass(frozen=True, slots=True)
class DeadBesideHealthy:
    """What a run with one dead endpoint beside healthy ones showed."""

    healthy: Waits
    calls_in_first_hour: int
    most_in_flight: int
    end: Account


def healthy_only(seed: int, lasts: timedelta) -> Waits:
    world = World(seed)
    webhook_ids = _healthy(world, lasts)
    world.run_for(lasts + MINUTE)
    waits = Waits.of(world, webhook_ids)
    world.close()
    return waits


def _healthy(world: World, lasts: timedelta) -> set[WebhookId]:
    webhook_ids = set()
    for number in range(HEALTHY):
        name = f"healthy-{number}"
        webhook_ids.add(world.webhook(name, events=[name]))
        begin = world.clock.now + number * timedelta(milliseconds=97)
        count = int(lasts / (30 * SECOND))
        publish_steadily(world, name, count=count, per_second=1 / 30, begin=begin)
    return webhook_ids


def dead_beside_healthy(
    seed: int, events: int, lasts: timedelta, dead: Behaviour, end: timedelta
) -> DeadBesideHealthy:
    """``events`` for the dead one come at 1,000 a second; healthy ones get theirs for ``lasts``."""
    world = World(seed)
    webhook_ids = _healthy(world, lasts)
    world.webhook("dead", dead, events=["dead"])
    (dead_id,) = (one.id for one in world.engine.webhooks_table.all() if one.name == "dead")
    begin = world.clock.now
    publish_steadily(world, "dead", count=events, per_second=1000, begin=begin)
    in_flight = InFlight(world, about=dead_id)
    in_flight.start(HOUR)
    world.run_for(HOUR)
    first_hour = len(world.endpoints.times["dead"])
    world.run_for(end - HOUR)
    shown = DeadBesideHealthy(
        healthy=Waits.of(world, webhook_ids),
        calls_in_first_hour=first_hour,
        most_in_flight=in_flight.most,
        end=account(world),
    )
    world.close()
    return shown
