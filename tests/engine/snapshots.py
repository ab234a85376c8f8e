"""Snapshots in memory, out of the ports that hold their parts."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryTask
from hookline.ports.deliveries import DeliveryChanges
from hookline.ports.events import Events
from hookline.ports.webhooks import WebhookHealth, Webhooks


class InMemorySnapshots:
    """`Snapshots`."""

    def __init__(
        self,
        deliveries: DeliveryChanges,
        webhooks: Webhooks,
        health: WebhookHealth,
        events: Events,
    ) -> None:
        self._deliveries = deliveries
        self._webhooks = webhooks
        self._health = health
        self._events = events

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot]:
        return [self._load(task) for task in tasks]

    def _load(self, task: DeliveryTask) -> Snapshot:
        key = task.key
        (health,) = self._health.get_many([(key.tenant, key.webhook_id)])
        return Snapshot(
            delivery=self._deliveries.get(key),
            webhook=self._webhooks.get(key.tenant, key.webhook_id),
            health=health,
            event=self._events.get(key.tenant, task.event_id),
        )
