"""One tenant's partitions refuse one call, at whatever a story does; strangers are beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnItsWebhook, Status
from hookline.domain.identity.identity import Tenant
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.domain.webhook.health import mark_waiting
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports.sending import Unread
from hookline.ports.webhooks import Subscriptions
from tests.builders import TENANT, a_delivery, a_webhook, an_id
from tests.engine.steps import Call, Instead, Moment
from tests.simulation.endpoints import BROKEN, OK, Behaviour, fine, until
from tests.simulation.faults import OUTAGE
from tests.simulation.world import A_CALL, HOUR, MINUTE, SECOND, World, url_of

STRANGERS = TenantId("strangers")

_EVENTS = 40
"""Of the strangers, spread evenly."""

_RETRIES = timedelta(seconds=3.5)
"""botocore's waits between the four times that it asks, on average."""

_ONCE = ("health.", "filter_failures.", "hasty_", "events.accept")
"""Asked for once, or under the lock of one webhook's own watch, which cannot make way here."""


_IDLE = 60
"""Of the story's tenant, webhooks that are off and have deliveries waiting: one refusal of each
must not add up to an outage of all."""

_IS_IDLE = "idle-"


def with_strangers(kind: Callable[[], World]) -> tuple[World, Strangers]:
    """A world in which stories still find their own webhooks alone."""
    world = kind()
    table = world.engine.webhooks_table
    every: Callable[[], Sequence[Webhook]] = table.all
    vars(table)["all"] = lambda: [
        one for one in every() if one.tenant != STRANGERS and not one.name.startswith(_IS_IDLE)
    ]
    hasty: Subscriptions = world.steps.observe("hasty_subscriptions", world.engine.subscriptions)
    vars(world.engine)["hasty_subscriptions"] = hasty
    return world, Strangers(world)


class Strangers:
    """Another tenant, whose deliveries take each way that the story's may take as well."""

    def __init__(self, world: World) -> None:
        self._world = world
        now = world.clock.now
        tenant = Tenant(
            id=STRANGERS, name=STRANGERS, created_at=now, created_by=ROOT.id, updated_at=now
        )
        world.engine.tenants_table.create(tenant)

    def begin(self, lasts: timedelta) -> None:
        """From now on, for so long: at once, by a retry, by the clock, by a probe, by a release."""
        now = self._world.clock.now
        for number in range(_IDLE):
            self._world.actors.at(now + SECOND, partial(_idle, self._world, number))
        half = now + lasts / 2
        self._webhook("prompt", fine)
        self._webhook("again", _one_in_four(half), retry={"initial_delay_seconds": 5})
        parked = {"initial_delay_seconds": 1000, "multiplier": 1}
        self._webhook("parked", _one_in_four(half), retry=parked)
        self._webhook("down", until(now + 2 * MINUTE, BROKEN), retry={"initial_delay_seconds": 5})
        off = self._webhook("off", fine)
        self._patch(off, enabled=False)
        self._world.actors.at(now + MINUTE, partial(self._patch, off, enabled=True))
        for number in range(_EVENTS):
            self._world.actors.at(now + number * lasts / _EVENTS, self._publish)

    @property
    def deliveries(self) -> Sequence[Delivery]:
        return [one for one in self._world.deliveries if one.key.tenant == STRANGERS]

    @property
    def of_the_story(self) -> Sequence[Delivery]:
        """Of the story's tenant, without those that wait for ever."""
        webhooks, _ = self._world.engine.webhooks_table.page(TENANT, 2_000, None)
        idle = {each.id for each in webhooks if each.name.startswith(_IS_IDLE)}
        return [
            one
            for one in self._world.deliveries
            if one.key.tenant == TENANT and one.key.webhook_id not in idle
        ]

    def waits(self) -> Mapping[str, Sequence[timedelta]]:
        """How long each delivery took to its success, by the webhook's name, in their order."""
        found: dict[str, list[timedelta]] = {}
        for one in sorted(self.deliveries, key=lambda one: one.created_at):
            assert one.status is Status.SUCCESS, f"a stranger's delivery is {one.status}"
            name = self._names[one.key.webhook_id]
            last = self._world.endpoints.calls[one.key.id][-1].at
            found.setdefault(name, []).append(last - one.created_at)
        return found

    @property
    def _names(self) -> Mapping[WebhookId, str]:
        webhooks, _ = self._world.engine.webhooks_table.page(STRANGERS, 100, None)
        return {each.id: each.name for each in webhooks}

    def _webhook(self, name: str, behaviour: Behaviour, **document: object) -> WebhookId:
        host = f"strangers-{name}"
        self._world.endpoints.behaviours[host] = behaviour
        given = {"name": name, "url": url_of(host), "events": ["*"], **document}
        return self._world.api.webhooks.create(ROOT, STRANGERS, given).webhook.id

    def _patch(self, webhook_id: WebhookId, **patch: object) -> None:
        self._world.api.webhooks.patch(ROOT, STRANGERS, webhook_id, patch)

    def _publish(self) -> None:
        self._world.api.publish(STRANGERS, {"type": "strange"})


def _idle(world: World, number: int) -> None:
    """One more of the story's tenant that rounds of the scheduler come by."""
    now, engine = world.clock.now, world.engine
    webhook = a_webhook(
        id=WebhookId(an_id("wh")),
        name=f"{_IS_IDLE}{number}",
        enabled=False,
        events=("nothing",),
    )
    engine.webhooks_table.create(webhook)
    (health,) = engine.health_table.get_many([(TENANT, webhook.id)])
    waits = mark_waiting(health, now)
    assert waits is not None
    assert engine.health_table.replace(health, waits)
    key = DeliveryKey(TENANT, webhook.id, DeliveryId(an_id("dlv", now)))
    waiting = a_delivery(
        key=key,
        event_id=EventId(an_id("evt")),
        created_at=now,
        status=Status.RETRYING,
        waiting=OnItsWebhook(now),
        expires_at=now + 100 * HOUR,
    )
    engine.deliveries_table.create([waiting])


def _one_in_four(end: datetime) -> Behaviour:
    """Fails so often, the first call among them, until the ``end``."""
    calls = count()
    return lambda now: BROKEN if now < end and next(calls) % 4 == 0 else OK


type Left = Callable[[object], bool]

IN_PART: Mapping[str, Callable[[Callable[..., Any], Any, Left], Any]] = {
    "snapshots.load": lambda load, tasks, left: [
        Unread() if left(task) else one for task, one in zip(tasks, load(tasks), strict=True)
    ],
    "new_deliveries.create_some": lambda create, new, left: {
        *(one.key for one in new if left(one)),
        *create([one for one in new if not left(one)]),
    },
    "health.get_some": lambda get, keys, left: get([key for key in keys if not left(key)]),
    "deliveries.get_some": lambda get, keys, left: get([key for key in keys if not left(key)]),
    "subscriptions.versions": lambda get, tenants, left: get(
        [tenant for tenant in tenants if not left(tenant)]
    ),
}
"""Calls that do the rest where DynamoDB leaves some over, and how."""


class Refused:
    """A hook: from the first call of this name on, for a while, none takes what is of the story's
    tenant."""

    def __init__(self, name: str, world: World) -> None:
        self.hit = 0
        self._name = name
        self._world = world
        self._until: datetime | None = None

    def __call__(self, call: Call, moment: Moment) -> Instead | None:
        if moment is Moment.AFTER or call.name.removeprefix("hasty_") != self._name:
            return None
        if not self._left(call.given):
            return None
        self._until = self._until or self._world.clock.now + OUTAGE
        if self._world.clock.now >= self._until:
            return None
        self.hit += 1
        if self._name in IN_PART:
            return Instead(lambda method, given: IN_PART[self._name](method, given, self._left))
        self._wait(call.name)
        raise Unavailable(f"{call.name}: ProvisionedThroughputExceededException")

    def _left(self, given: object) -> bool:
        return mentions(given, TENANT)

    def _wait(self, name: str) -> None:
        if self._world.actors.lane is None:
            self._world.waited += A_CALL if name.startswith(_ONCE) else _RETRIES
        elif not name.startswith(_ONCE):
            self._world.actors.sleep(_RETRIES)


def mentions(value: object, tenant: str) -> bool:
    """Whether an argument is of the tenant, however deep: its keys are."""
    if isinstance(value, str):
        return value == tenant
    if is_dataclass(value):
        return any(mentions(getattr(value, each.name), tenant) for each in fields(value))
    if isinstance(value, Mapping):
        return any(mentions(each, tenant) for each in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return any(mentions(each, tenant) for each in value)
    return False
