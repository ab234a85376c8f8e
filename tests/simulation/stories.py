"""Short courses of events, each of which takes one path through the services to its end.

A story first sets its scene, undisturbed; what follows may be disturbed at any step.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.delivery import Status
from hookline.errors import Refused, Unavailable
from tests.simulation.actors import Crash
from tests.simulation.endpoints import BROKEN, OK, Reply, always, fine, in_turn
from tests.simulation.world import MINUTE, SECOND, World

PARKED_RETRY = {"initial_delay_seconds": 1200, "multiplier": 1}
QUICK_RETRY = {"initial_delay_seconds": 5, "multiplier": 2}


@dataclass(frozen=True, slots=True)
class Story:
    """``act`` is what users do, each act until it succeeds, as users do; ``lasts`` is the time
    after which all has ended where nothing goes wrong; ``end`` is the status then."""

    scene: Callable[[World], None]
    lasts: timedelta
    end: Status = Status.SUCCESS
    act: Callable[[World], None] = lambda _world: None


def insist(world: World, act: Callable[[], object]) -> None:
    """A user whose request fails sends it again a little later."""
    while True:
        try:
            act()
        except (Crash, Unavailable):
            world.run_for(SECOND)
        else:
            return


def _three_webhooks(world: World) -> None:
    for name in ("one", "two", "three"):
        world.webhook(name)
    world.publish()
    world.publish()


def _fails_twice(world: World) -> None:
    world.webhook("flaky", in_turn(BROKEN, BROKEN, OK), retry=QUICK_RETRY)
    world.publish()


def _fails_once_for_long(world: World) -> None:
    world.webhook("slow", in_turn(BROKEN, OK), retry=PARKED_RETRY)
    world.publish()


def _circuit_is_open(world: World) -> None:
    world.webhook("down", always(BROKEN), retry=QUICK_RETRY)
    for _ in range(4):
        world.publish()
    world.run_for(3 * MINUTE)
    world.endpoints.behaviours["down"] = fine


def _held(world: World) -> None:
    webhook_id = world.webhook("off", in_turn(BROKEN, BROKEN, OK), retry=QUICK_RETRY)
    world.publish()
    world.publish()
    world.run_for(2 * SECOND)
    world.edit(webhook_id, enabled=False)
    world.run_for(MINUTE)


def _switch_on(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    insist(world, lambda: world.edit(webhook.id, enabled=True))


def _switch_off_and_on(world: World) -> None:
    world.run_for(2 * SECOND)
    (webhook,) = world.engine.webhooks_table.all()
    insist(world, lambda: world.edit(webhook.id, enabled=False))
    world.run_for(20 * SECOND)
    insist(world, lambda: world.edit(webhook.id, enabled=True))


def _always_fails(world: World) -> None:
    world.webhook("dead", always(BROKEN), retry={**QUICK_RETRY, "max_attempts": 2})
    world.publish()


def _gone(world: World) -> None:
    # Died between switching the webhook off and writing what became of the delivery, it is held as
    # any delivery of a webhook that is off: until its age.
    world.webhook("gone", always(Reply(410)), retry={"max_age_seconds": 600})
    world.publish()


def _too_old(world: World) -> None:
    world.webhook("old", always(BROKEN), retry={**QUICK_RETRY, "max_age_seconds": 60})
    world.publish()
    world.run_for(2 * SECOND)
    (webhook,) = world.engine.webhooks_table.all()
    world.edit(webhook.id, enabled=False)


def _in_backoff(world: World) -> None:
    world.webhook("later", in_turn(BROKEN, OK), retry=PARKED_RETRY)
    world.publish()
    world.run_for(MINUTE)


def _retry_now(world: World) -> None:
    (delivery,) = world.deliveries
    insist(world, lambda: world.api.retry(delivery.key))


def _cancel(world: World) -> None:
    (delivery,) = world.deliveries
    with suppress(Refused):  # it was cancelled by the request whose reply got lost
        insist(world, lambda: world.api.cancel(delivery.key))


def _delete(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    with suppress(Refused):  # as above
        insist(world, lambda: world.delete(webhook.id))


def _limited(world: World) -> None:
    world.webhook("limited", rate_limit={"per_second": 0.02})
    for _ in range(3):
        world.publish()


STORIES = {
    "fan-out": Story(_three_webhooks, lasts=MINUTE),
    "retry": Story(_fails_twice, lasts=MINUTE),
    "park": Story(_fails_once_for_long, lasts=25 * MINUTE),
    "release": Story(_circuit_is_open, lasts=15 * MINUTE),
    "hold": Story(_held, lasts=5 * MINUTE, act=_switch_on),
    "off and on": Story(_fails_twice, lasts=5 * MINUTE, act=_switch_off_and_on),
    "exhaust": Story(_always_fails, lasts=MINUTE, end=Status.FAILED),
    "gone": Story(_gone, lasts=12 * MINUTE, end=Status.FAILED),
    "expire": Story(_too_old, lasts=5 * MINUTE, end=Status.FAILED),
    "retry now": Story(_in_backoff, lasts=MINUTE, act=_retry_now),
    "cancel": Story(_in_backoff, lasts=MINUTE, end=Status.CANCELLED, act=_cancel),
    "delete": Story(_in_backoff, lasts=25 * MINUTE, end=Status.CANCELLED, act=_delete),
    "rate limit": Story(_limited, lasts=5 * MINUTE),
}
