"""What one tenant does, and how long the first attempts of all others wait meanwhile.

Calls to AWS and the steps of matching take their time here, so that whoever holds up the lane of
the stream, or a queue, is seen to. `python -m bench.isolation` tells the same at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hookline.domain.delivery.delivery import DeliveryKey, OnTheClock, Status
from hookline.domain.fan_out.fan_out import FanOut, Stretch
from hookline.domain.identity.identity import Tenant
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.domain.webhook.webhook import Scope, SubscriptionPage
from hookline.errors import Unavailable
from hookline.ports.events import FanOuts
from hookline.ports.webhooks import Subscriptions
from tests.builders import a_delivery, a_webhook, an_id, some_secrets
from tests.engine.steps import Call, Moment
from tests.simulation.endpoints import fine
from tests.simulation.scale import Waits, publish_steadily
from tests.simulation.world import A_CALL, HOUR, MINUTE, SECOND, World, url_of

LOUD = TenantId("loud")
HEALTHY = 20
LASTS = 10 * MINUTE

A_STEP = timedelta(microseconds=3.4)
"""Of matching, on the third of a processor that the function has."""

_PER_CALL = {
    "subscriptions.versions": 100,
    "subscriptions.page": 1_000,
    "fan_outs.claim": 4,  # four go out side by side
    "fan_outs.extend": 1,
    "fan_outs.get": 1,
    "fan_outs.chunk": 1,
    "fan_outs.lease": 1,
    "new_deliveries.create": 25,
    "new_deliveries.create_some": 25,
    "first_attempts.send": 10,
    "fan_out_steps.send": 10,
    "deliveries.progress": 100,
    "events.get": 1,
}
"""Of the fan-out's calls, how many items one of AWS takes."""


class PricedWorld(World):
    """A world in which the fan-out's calls and steps take their time."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.engine.fan_outs = Priced(self, self.engine.fan_outs)
        self.steps.hook = self._take_time
        self.engine.tenants_table.create(
            Tenant(
                id=LOUD,
                name=LOUD,
                created_at=self.clock.now,
                created_by=ROOT.id,
                updated_at=self.clock.now,
            )
        )

    def take(self, time: timedelta) -> None:
        """Time passes for whoever runs; a round of the scheduler keeps its own account."""
        if self.actors.lane is not None:
            self.actors.sleep(time)

    def _take_time(self, call: Call, moment: Moment) -> None:
        if moment is Moment.AFTER and call.name in _PER_CALL:
            self.take(-(-max(1, call.items) // _PER_CALL[call.name]) * A_CALL)


class Priced:
    """`FanOuts` that are told what matching has spent, and take the time for it."""

    def __init__(self, world: PricedWorld, fan_outs: FanOuts) -> None:
        self._world = world
        self._fan_outs = fan_outs
        self.get, self.chunk = fan_outs.get, fan_outs.chunk
        self.lease, self.page, self.stop = fan_outs.lease, fan_outs.page, fan_outs.stop

    def claim(self, fan_out: FanOut) -> bool:
        self._world.take(fan_out.spent * A_STEP)
        return self._fan_outs.claim(fan_out)

    def extend(self, fan_out: FanOut, stretch: Stretch) -> FanOut | None:
        self._world.take(stretch.spent * A_STEP)
        return self._fan_outs.extend(fan_out, stretch)


@dataclass(frozen=True, slots=True)
class Felt:
    """By the healthy tenants' endpoints, and what became of the loud one's deliveries."""

    healthy: Waits
    loud_done: int
    loud_left: int


type Loud = Callable[[PricedWorld], None]
"""Begins what the loud tenant does."""


def felt(loud: Loud, seed: int = 1, lasts: timedelta = LASTS) -> Felt:
    """Twenty healthy endpoints get two events a second while the loud tenant does its thing."""
    world = PricedWorld(seed)
    healthy = set()
    for number in range(HEALTHY):
        healthy.add(world.webhook(f"healthy-{number}", events=[f"h{number}"]))
        publish = partial(
            publish_steadily,
            world,
            f"h{number}",
            count=int(lasts / SECOND / 10),
            per_second=1 / 10,
        )
        world.actors.at(world.clock.now + number * SECOND / 2, publish)
    loud(world)
    world.run_for(lasts + MINUTE)
    theirs = [one for one in world.deliveries if one.key.tenant == LOUD]
    done = sum(one.status is Status.SUCCESS for one in theirs)
    shown = Felt(Waits.of(world, healthy), done, len(theirs) - done)
    world.close()
    return shown


def quiet(_world: PricedWorld) -> None:
    """Nobody is loud."""


# -- what a loud tenant does -----------------------------------------------------------------------


def heavy_filters(webhooks: int, items: int, per_second: float) -> Loud:
    """Events of that many items, and webhooks whose filters look at each of them."""
    costly = "length(data.items[?a==`3` && s=='x' || a==`9`]) > `99999`"
    data = {"items": [{"a": number % 7, "s": f"s{number}"} for number in range(items)]}

    def begin(world: PricedWorld) -> None:
        _subscribe(world, webhooks, filter=costly)
        _publish(world, per_second, data=data)

    return begin


def throttled_reads(per_second: float) -> Loud:
    """Its subscriptions cannot be read for an hour."""

    def begin(world: PricedWorld) -> None:
        _subscribe(world, 5)
        inner = world.engine.subscriptions
        # botocore's four attempts; and the one attempt of a client that asks in haste.
        world.engine.subscriptions = Throttled(world, inner, 4 * SECOND)
        vars(world.engine)["hasty_subscriptions"] = Throttled(world, inner, A_CALL)
        _publish(world, per_second)

    return begin


class Throttled:
    """`Subscriptions`, of which the loud tenant's pages are refused for an hour."""

    def __init__(
        self, world: PricedWorld, subscriptions: Subscriptions, refused_after: timedelta
    ) -> None:
        self._world = world
        self._subscriptions = subscriptions
        self._refused_after = refused_after
        self._until = world.clock.now + HOUR
        self.under = subscriptions.under

    def page(
        self, tenant: TenantId, pattern: str, limit: int, after: WebhookId | None
    ) -> SubscriptionPage:
        if tenant == LOUD and self._world.clock.now < self._until:
            self._world.take(self._refused_after)
            raise Unavailable("Query: ProvisionedThroughputExceededException")
        return self._subscriptions.page(tenant, pattern, limit, after)

    def versions(self, tenants: Collection[TenantId]) -> Mapping[TenantId, str | None]:
        return self._subscriptions.versions(tenants)


def waiting(deliveries: int) -> Loud:
    """So many parked deliveries fall due at once."""

    def begin(world: PricedWorld) -> None:
        ids = _subscribe(world, 100, events=("never",))
        event = world.api.publish(LOUD, {"type": "loud"}).id
        now = world.clock.now
        world.engine.deliveries_table.create(
            [
                a_delivery(
                    key=DeliveryKey(LOUD, ids[number % len(ids)], DeliveryId(an_id("dlv", now))),
                    event_id=event,
                    created_at=now,
                    status=Status.RETRYING,
                    waiting=OnTheClock(now),
                    expires_at=now + 24 * HOUR,
                )
                for number in range(deliveries)
            ]
        )

    return begin


def one_event_to_many(webhooks: int) -> Loud:
    """One event that all of its webhooks hear."""

    def begin(world: PricedWorld) -> None:
        _subscribe(world, webhooks)
        world.api.publish(LOUD, {"type": "loud"})

    return begin


def many_webhooks(webhooks: int, per_second: float) -> Loud:
    """Each for a project of its own, and events that one of them hears."""

    def begin(world: PricedWorld) -> None:
        for number in range(webhooks):
            _subscribe(world, 1, scope=Scope(projects=frozenset({f"p{number}"})))
        _publish(world, per_second, project="p7")

    return begin


def _subscribe(
    world: PricedWorld, count: int, events: tuple[str, ...] = ("*",), **overrides: object
) -> list[WebhookId]:
    name = "loud"
    world.endpoints.behaviours[name] = fine
    ids = [WebhookId(an_id("wh")) for _ in range(count)]
    for webhook_id in ids:
        sealed = world.engine.vault.seal(LOUD, webhook_id, some_secrets())
        webhook = a_webhook(
            id=webhook_id,
            tenant=LOUD,
            name=webhook_id,
            url=url_of(name),
            events=events,
            sealed_secrets=sealed,
            **overrides,
        )
        world.engine.webhooks_table.create(webhook)
    return ids


def _publish(world: PricedWorld, per_second: float, **document: object) -> None:
    begin, every = world.clock.now, timedelta(seconds=1 / per_second)

    def tick() -> None:
        world.api.publish(LOUD, {"type": "loud", "id": EventId(an_id("evt")), **document})
        if world.clock.now < begin + LASTS:
            world.actors.at(world.clock.now + every, tick)

    tick()
