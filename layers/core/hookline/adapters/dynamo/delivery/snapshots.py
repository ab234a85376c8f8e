"""All that a batch of attempts needs, in one read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hookline.adapters.dynamo.delivery import deliveries
from hookline.adapters.dynamo.event import events
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook import health as healths
from hookline.adapters.dynamo.webhook import webhook_item as webhooks
from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import DeliveryTask
from hookline.domain.shards import Shards
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

    Health may lag (decision 0022): whatever it decides is fenced by its version, or is no more than
    a batch would have done that was read a moment earlier. So may events, which never change: one
    that is not there yet is asked for once more, and consistently.
    """

    def __init__(
        self, tables: SnapshotTables, batches: Batches, clock: Clock, shards: Shards
    ) -> None:
        self._tables = tables
        self._decode: Mapping[str, Callable[[Item], object]] = {
            tables.deliveries: deliveries.from_item,
            tables.webhooks: webhooks.from_item,
            tables.webhook_health: healths.from_item,
            tables.events: events.from_item,
        }
        self._batches = batches
        self._clock = clock
        self._shards = shards

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        """A webhook or event that several tasks share is read, and decoded, once."""
        wanted = [self._wanted(task) for task in tasks]
        left: list[Item] = []
        all_pairs = [pair for pairs in wanted for pair in pairs]
        lagging = (self._tables.webhook_health, self._tables.events)
        decoded = self._decoded(all_pairs, left, lagging)
        late = [
            (table, key)
            for table, key in all_pairs
            if table == self._tables.events and (table, *key.values()) not in decoded
        ]
        if late:
            decoded |= self._decoded(late, left)
        # A key tells its table by its names.
        throttled = {tuple(sorted(key.items())) for key in left}
        snapshots: list[Snapshot | Unread] = []
        for task, pairs in zip(tasks, wanted, strict=True):
            if any(tuple(sorted(key.items())) in throttled for _, key in pairs):
                snapshots.append(Unread())
            else:
                values = [decoded.get((table, *key.values())) for table, key in pairs]
                snapshots.append(_snapshot(task, values))
        return snapshots

    def _decoded(
        self,
        pairs: Sequence[tuple[str, keys.Key]],
        left: list[Item],
        lagging: Collection[str] = (),
    ) -> dict[tuple[str, ...], object]:
        """What exists, by its table and the values of its key."""
        found = self._batches.get(pairs, lagging=lagging, throttled=left)
        names = {table: tuple(key) for table, key in pairs}
        now = self._clock()
        return {
            (table, *(item[name] for name in names[table])): self._decode[table](item)
            for table, some in found.items()
            for item in some
            if reading.live(item, now)
        }

    def _wanted(self, task: DeliveryTask) -> Sequence[tuple[str, keys.Key]]:
        tenant, webhook_id = task.key.tenant, task.key.webhook_id
        return (
            (self._tables.deliveries, keys.delivery(task.key, self._shards)),
            (self._tables.webhooks, keys.webhook(tenant, webhook_id)),
            (self._tables.webhook_health, keys.health(tenant, webhook_id)),
            (self._tables.events, keys.event(tenant, task.event_id)),
        )


def _snapshot(task: DeliveryTask, values: Sequence[Any]) -> Snapshot:
    delivery, webhook, health, event = values
    untroubled = Health(tenant=task.key.tenant, webhook_id=task.key.webhook_id)
    return Snapshot(delivery, webhook, health or untroubled, event)
