"""A long run in which all sorts of endpoints, users and faults meet, drawn from one seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hookline.domain.ids import WebhookId
from hookline.errors import Refused, Unavailable
from tests.engine.queues import Queue
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import Account, account
from tests.simulation.actors import Crash
from tests.simulation.endpoints import BROKEN, HANGS, OK, Behaviour, Reply, always, fine, until
from tests.simulation.scale import publish_steadily
from tests.simulation.watches import Touched
from tests.simulation.world import HOUR, MINUTE, SECOND, World

WEBHOOKS = 20
RETRY = {
    "initial_delay_seconds": 5,
    "multiplier": 3,
    "max_delay_seconds": 3600,
    "max_age_seconds": 14_400,
}

_ONE_STEP_IN = 150
"""Of all steps so many go wrong: a third by a crash, a third unsent, a third without a reply."""

_USERS_DO_SOMETHING_EVERY = 20 * SECOND
_LONGEST = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run. ``digest`` is of every call and every delivery: equal for equal runs.

    ``broken`` says what did not hold, and should have.
    """

    end: Account
    calls: int
    faults: int
    lasted: timedelta
    digest: str
    broken: tuple[str, ...]


class Chaos:
    """An hour of ``deliveries``, faults and busy users, then peace until all has ended."""

    def __init__(self, seed: int, deliveries: int, make: Callable[[int], World] = World) -> None:
        self._world = make(seed)
        self._random = self._world.random
        self._events = max(1, deliveries // WEBHOOKS)
        self._faults = 0
        self._touched = Touched(self._world)
        self._peace = False

    def run(self) -> Run:
        """All of it. The world is gone afterwards."""
        world, begin = self._world, self._world.clock.now
        for number, (behaviour, document) in enumerate(self._kinds()):
            world.webhook(f"endpoint-{number}", behaviour, retry=RETRY, **document)
        world.steps.hook = self._go_wrong
        world.endpoints.on_call = self._touched.called
        publish_steadily(world, "any", count=self._events, per_second=self._events / 3600)
        self._somebody_does_something()
        world.run_for(HOUR)
        self._make_peace()
        while self._open() and world.clock.now - begin < _LONGEST:
            world.run_for(HOUR)
        run = self._result(world.clock.now - begin)
        world.close()
        return run

    def _kinds(self) -> Iterator[tuple[Behaviour, dict[str, object]]]:
        now, choose = self._world.clock.now, self._random.choice
        half = now + 30 * MINUTE
        yield until(half, BROKEN), {}
        yield until(half, HANGS), {"timeout_seconds": 5}
        yield lambda _now: choose((OK, BROKEN)), {}
        yield lambda _now: choose((OK, OK, OK, HANGS)), {"timeout_seconds": 3}
        yield always(Reply(200, after=2 * SECOND)), {}
        yield until(half, Reply(503, headers=(("Retry-After", "120"),))), {}
        yield until(half, OK, then=Reply(410)), {}
        yield always(BROKEN), {}
        yield fine, {"rate_limit": {"per_second": 1}}
        for _ in range(WEBHOOKS - 9):
            yield fine, {}

    # -- what goes wrong ---------------------------------------------------------------------------

    def _go_wrong(self, call: Call, moment: Moment) -> None:
        if self._random.random() * _ONE_STEP_IN * 2 >= 1:
            return
        self._faults += 1
        if moment is Moment.BEFORE and self._random.random() < 2 / 3:
            self._touched.crash()
            raise Crash
        if call.name != "endpoint.call":
            self._touched.unavailable()
            raise Unavailable(f"{call.name}: {moment.value}")

    def _somebody_does_something(self) -> None:
        if self._peace:
            return
        self._world.begin(partial(self._as_user, self._random.choice(self._doings())))
        after = _USERS_DO_SOMETHING_EVERY * (2 * self._random.random())
        self._world.actors.at(self._world.clock.now + after, self._somebody_does_something)

    def _as_user(self, act: Callable[[], object]) -> None:
        with suppress(Refused, Unavailable, Crash):
            act()

    def _doings(self) -> tuple[Callable[[], object], ...]:
        world = self._world
        deliveries, webhooks = world.deliveries, world.engine.webhooks_table.all()
        if not deliveries:
            return (lambda: None,)
        delivery, webhook = self._random.choice(deliveries), self._random.choice(webhooks)
        queue = self._random.choice((world.engine.delivery_queue, world.engine.retry_queue))
        return (
            lambda: world.api.retry(delivery.key),
            lambda: world.api.cancel(delivery.key),
            lambda: self._off_for_a_while(webhook.id),
            lambda: world.edit(webhook.id, timeout_seconds=self._random.randint(1, 30)),
            lambda: world.recover(webhook.id, world.clock.now - 10 * MINUTE),
            lambda: self._deliver_twice(queue),
            lambda: queue.shuffle(self._random),
            queue.purge,
            lambda: world.engine.dead_letter_queue.move_all_to(world.engine.delivery_queue),
        )

    def _off_for_a_while(self, webhook_id: WebhookId) -> None:
        def on() -> None:
            with suppress(Refused, Unavailable, Crash):
                self._world.edit(webhook_id, enabled=True)

        self._world.edit(webhook_id, enabled=False)
        self._world.actors.at(self._world.clock.now + MINUTE, on)

    def _deliver_twice(self, queue: Queue) -> None:
        received = queue.being_received
        if received:
            queue.show_again(self._random.choice(received))

    def _make_peace(self) -> None:
        self._peace = True
        self._world.steps.hook = lambda _call, _moment: None
        for webhook in self._world.engine.webhooks_table.all():
            self._world.edit(webhook.id, enabled=True)

    def _open(self) -> bool:
        return any(not delivery.status.ended for delivery in self._world.deliveries)

    # -- what came of it ---------------------------------------------------------------------------

    def _result(self, lasted: timedelta) -> Run:
        world, end = self._world, account(self._world)
        digest = hashlib.sha256()
        for delivery in world.deliveries:
            calls = world.endpoints.calls.get(delivery.key.id, ())
            times = [call.at.isoformat() for call in calls]
            digest.update(repr((delivery.key.id, delivery.status, times)).encode())
        return Run(
            end=end,
            calls=sum(len(times) for times in world.endpoints.times.values()),
            faults=self._faults,
            lasted=lasted,
            digest=digest.hexdigest()[:16],
            broken=tuple(self._broken(end)),
        )

    def _broken(self, end: Account) -> Iterator[str]:
        yield from end.lost
        yield from (f"event {key} fell out of the stream" for key in self._world.stream.lost)
        if end.open:
            yield f"{end.open} deliveries have not ended"
        for delivery_id, count in end.twice.items():
            faults = self._touched.faults[delivery_id]
            if not 0 < count <= faults:
                yield f"{delivery_id}: {count} calls that are not in the log, {faults} faults"
