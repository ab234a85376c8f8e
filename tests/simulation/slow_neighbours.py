"""How long first attempts at healthy endpoints wait beside many that are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from hookline.domain.delivery.tasks import task_of
from hookline.domain.ids import EventId, WebhookId
from tests.builders import a_delivery, an_event, an_id
from tests.simulation.endpoints import HANGS, Behaviour, Reply, always
from tests.simulation.scale import Waits
from tests.simulation.world import SECOND, Size, World

_FANNED_OUT_AFTER = timedelta(milliseconds=250)
"""Lambda asks the stream of events four times a second."""

_TICK = timedelta(milliseconds=20)
HEALTHY = always(Reply(200, after=timedelta(milliseconds=80)))
TAKES_NINE_SECONDS = always(Reply(200, after=9 * SECOND))
NEVER_ANSWERS = always(HANGS)

SENDER = Size(cpu=timedelta(milliseconds=6))
"""1.7 ms of a whole processor a delivery (`make bench`), of which 512 MB are 0.29."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many endpoints that get every other event, one after the other."""

    endpoints: int
    behaviour: Behaviour


def beside(
    crowd: Crowd | None,
    *,
    per_second: float,
    lasts: timedelta,
    healthy: int = 10,
    size: Size = SENDER,
    make: Callable[[Size], World] = lambda size: World(7, size),
) -> Waits:
    """Half of the events are for healthy endpoints, the others for the crowd, from a cold start."""
    world = make(size)
    world.engine.events_table.stream = lambda _event: None  # nothing is fanned out here
    good = [world.webhook(f"healthy-{n}", HEALTHY, events=["none"]) for n in range(healthy)]
    bad = (
        [
            world.webhook(f"crowd-{n}", crowd.behaviour, events=["none"])
            for n in range(crowd.endpoints)
        ]
        if crowd
        else []
    )
    _arrive(world, good, per_second=per_second / 2, lasts=lasts)
    _arrive(world, bad, per_second=per_second / 2, lasts=lasts)
    world.run_for(lasts + timedelta(minutes=2))
    waits = Waits.of(world, set(good))
    world.close()
    return waits


def _arrive(
    world: World, webhooks: Sequence[WebhookId], *, per_second: float, lasts: timedelta
) -> None:
    """Deliveries as the fan-out leaves them, evenly."""
    turns, begin, made = cycle(webhooks), world.clock.now, 0

    def tick() -> None:
        nonlocal made
        now = world.clock.now
        while made < min(now - begin, lasts) / SECOND * per_second:
            _first_attempt(world, next(turns))
            made += 1
        if now - begin < lasts:
            world.actors.at(now + _TICK, tick)

    if webhooks:
        tick()


def _first_attempt(world: World, webhook_id: WebhookId) -> None:
    accepted_at = world.clock.now - _FANNED_OUT_AFTER
    event = an_event(id=EventId(an_id("evt", accepted_at)), accepted_at=accepted_at)
    world.engine.events_table.accept(event)
    delivery = a_delivery(webhook_id=webhook_id, event_id=event.id, created_at=accepted_at)
    world.engine.deliveries_table.create([delivery])
    world.engine.first_attempts.send([task_of(delivery)])
