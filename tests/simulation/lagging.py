"""Ports that answer with what stood a moment ago, as DynamoDB's indexes and cheaper reads may."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import Delivery, DeliveryTask
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Health
from hookline.ports.deliveries import Due, DuePage
from hookline.ports.sending import Snapshots, Unread
from tests.engine.deliveries import InMemoryDeliveries
from tests.engine.engine import RETENTION
from tests.simulation.world import World

LONGEST_LAG = timedelta(seconds=2)
"""Of a read that need not be consistent: commonly it lags some tens of milliseconds."""


class OneAnswerLate:
    """`Due`, lagging: it answers what it should have answered when it was asked last."""

    def __init__(self, _world: World, due: Due) -> None:
        self._due = due
        self._late: dict[tuple[object, ...], DuePage] = {}

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        fresh = self._due.on_the_clock(shard, now, limit, after)
        return self._lagging(("clock", shard, after), fresh)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        fresh = self._due.on_webhook(tenant, webhook_id, limit, after)
        return self._lagging(("webhook", webhook_id, after), fresh)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        fresh = self._due.expired_on_webhook(tenant, webhook_id, now, after)
        return self._lagging(("expired", webhook_id, after), fresh)

    def _lagging(self, asked: tuple[object, ...], fresh: DuePage) -> DuePage:
        # What nobody asked before was asked in good time: the lag is seconds, not a quarter hour.
        late, self._late[asked] = self._late.get(asked, fresh), fresh
        return late


class Behind:
    """`Due` as the table stood ``lag`` ago."""

    def __init__(self, world: World, due: Due, lag: timedelta) -> None:
        self._due = due
        self._lag = lag
        self._clock = world.clock
        self._shown = InMemoryDeliveries(RETENTION, world.clock)
        self._coming: deque[tuple[datetime, Delivery]] = deque()
        world.engine.deliveries_table.written = self._written

    def _written(self, delivery: Delivery) -> None:
        self._coming.append((self._clock() + self._lag, delivery))

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        self._due.on_the_clock(shard, now, limit, after)
        return self._as_shown().on_the_clock(shard, now, limit, after)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        self._due.on_webhook(tenant, webhook_id, limit, after)
        return self._as_shown().on_webhook(tenant, webhook_id, limit, after)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        self._due.expired_on_webhook(tenant, webhook_id, now, after)
        return self._as_shown().expired_on_webhook(tenant, webhook_id, now, after)

    def _as_shown(self) -> Due:
        while self._coming and self._coming[0][0] <= self._clock():
            self._shown.overwrite([self._coming.popleft()[1]])
        return self._shown


class LateHealth:
    """`Snapshots` whose health is the one before the last change, as long as that may lag."""

    def __init__(self, world: World, snapshots: Snapshots) -> None:
        self._world = world
        self._snapshots = snapshots
        self._seen: dict[WebhookId, tuple[datetime, Health, Health]] = {}

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        return [
            replace(one, health=self._late(one.health)) if isinstance(one, Snapshot) else one
            for one in self._snapshots.load(tasks)
        ]

    def _late(self, fresh: Health) -> Health:
        now = self._world.clock.now
        changed_at, before, latest = self._seen.get(fresh.webhook_id, (now, fresh, fresh))
        if fresh != latest:
            changed_at, before = now, latest
        self._seen[fresh.webhook_id] = changed_at, before, fresh
        return before if now - changed_at < LONGEST_LAG else fresh
