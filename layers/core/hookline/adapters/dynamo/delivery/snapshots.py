"""All that a batch of attempts needs, in one read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hookline.adapters.dynamo.delivery import delivery_item as deliveries
from hookline.adapters.dynamo.event import event_item as events
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook import health as healths
from hookline.adapters.dynamo.webhook import webhook_item as webhooks
from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryTask
from hookline.domain.webhook.health import Health
from hookline.ports import Clock
from hookline.ports.sending import Unread


@dataclass(frozen=True, slots=True)
class SnapshotTables:
    """The four tables that an attempt reads."""

    deliveries: str
    webhooks: str
    webhook_health: str
    events: str


class DynamoSnapshots:
    """The port `Snapshots`: one BatchGetItem for up to 25 tasks.

    Health alone may lag (decision 0022): whatever it decides is fenced by its version, or is no
    more than a batch would have done that was read a moment earlier.
    """

    def __init__(self, tables: SnapshotTables, batches: Batches, clock: Clock) -> None:
        self._tables = tables
        self._decode: Mapping[str, Callable[[Item], object]] = {
            tables.deliveries: deliveries.from_item,
            tables.webhooks: webhooks.from_item,
            tables.webhook_health: healths.from_item,
            tables.events: events.from_item,
        }
        self._batches = batches
        self._clock = clock

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        """A webhook or event that several tasks share is read, and decoded, once."""
        wanted = [self._wanted(task) for task in tasks]
        left: list[Item] = []
        found = self._batches.get(
            (pair for pairs in wanted for pair in pairs),
            lagging=[self._tables.webhook_health],
            throttled=left,
        )
        # A key tells its table by its names.
        throttled = {tuple(sorted(key.items())) for key in left}
        names = {table: tuple(key) for pairs in wanted for table, key in pairs}
        now = self._clock()
        decoded = {
            (table, tuple(item[name] for name in names[table])): self._decode[table](item)
            for table, some in found.items()
            for item in some
            if reading.live(item, now)
        }
        snapshots: list[Snapshot | Unread] = []
        for task, pairs in zip(tasks, wanted, strict=True):
            if any(tuple(sorted(key.items())) in throttled for _, key in pairs):
                snapshots.append(Unread())
            else:
                values = [decoded.get((table, tuple(key.values()))) for table, key in pairs]
                snapshots.append(_snapshot(task, values))
        return snapshots

    def _wanted(self, task: DeliveryTask) -> Sequence[tuple[str, keys.Key]]:
        tenant, webhook_id = task.key.tenant, task.key.webhook_id
        return (
            (self._tables.deliveries, keys.delivery(task.key)),
            (self._tables.webhooks, keys.webhook(tenant, webhook_id)),
            (self._tables.webhook_health, keys.health(tenant, webhook_id)),
            (self._tables.events, keys.event(tenant, task.event_id)),
        )


def _snapshot(task: DeliveryTask, values: Sequence[Any]) -> Snapshot:
    delivery, webhook, health, event = values
    untroubled = Health(tenant=task.key.tenant, webhook_id=task.key.webhook_id)
    return Snapshot(delivery, webhook, health or untroubled, event)
