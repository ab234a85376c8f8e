"""Partitions of DynamoDB that refuse: all of one webhook's log, or what exceeds its units."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hookline.adapters.dynamo.delivery import deliveries
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.packing import weight, write_units
from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, DeliveryTask
from hookline.domain.shards import ONE, Shards
from hookline.errors import Unavailable
from hookline.ports.deliveries import Outrun, Replaced
from hookline.ports.sending import Unread
from tests.engine.engine import RETENTION
from tests.simulation.world import World

_WAITS = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2))
"""Of botocore's, on average, between the four times that it asks."""

_SOON = timedelta(milliseconds=50)
"""The wait of calls that are given up soon: others must not wait."""

type Taken = Callable[[str, int], bool]
"""Whether the partition of a log takes so many units now; 0 for a read."""


class Logs:
    """The ports of the table of deliveries: each webhook's log is one partition, or several, and
    the index it is found by another. ``taken`` says what it takes."""

    def __init__(self, world: World, taken: Taken, shards: Shards = ONE) -> None:
        self._world = world
        self._shards = shards
        self._taken = taken
        engine = world.engine
        self._create, self._changes = engine.new_deliveries, engine.delivery_changes
        self._reads, self._snapshots = engine.deliveries, engine.snapshots
        for name in ("new_deliveries", "deliveries", "delivery_changes", "snapshots"):
            setattr(engine, name, self)

    # -- NewDeliveries -----------------------------------------------------------------------------

    def create(self, new: Sequence[Delivery]) -> None:
        for one in new:
            self._wait_for(one.key, units_of(one))
        self._create.create(new)

    def create_some(self, new: Sequence[Delivery]) -> Collection[DeliveryKey]:
        left = [one for one in new if not self._takes(one.key, units_of(one))]
        if left:
            self._sleep(_SOON)
        fits = [one for one in new if one not in left]
        return {*(one.key for one in left), *(self._create.create_some(fits) if fits else ())}

    def create_one(self, delivery: Delivery) -> bool:
        self._wait_for(delivery.key, units_of(delivery))
        return self._create.create_one(delivery)

    # -- Deliveries --------------------------------------------------------------------------------

    def get_many(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        for key in wanted:
            self._wait_for(key, 0)
        return self._reads.get_many(wanted)

    def get_some(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        there = [key for key in wanted if self._takes(key, 0)]
        if len(there) < len(wanted):
            self._sleep(_SOON)
        return self._reads.get_some(there)

    def progress(self, wanted: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Any]:
        for key in wanted:
            self._wait_for(key, 0)
        return self._reads.progress(wanted)

    # -- DeliveryChanges ---------------------------------------------------------------------------

    def get(self, key: DeliveryKey) -> Delivery | None:
        self._wait_for(key, 0)
        return self._changes.get(key)

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        # The attempt before moves to a partition of the delivery's own.
        self._wait_for(after.key, units_of(after))
        return self._changes.replace(before, after)

    # -- Snapshots ---------------------------------------------------------------------------------

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot | Unread]:
        read = self._snapshots.load(tasks)
        found = [
            one if self._takes(task.key, 0) else Unread()
            for task, one in zip(tasks, read, strict=True)
        ]
        if Unread() in found:
            self._sleep(_SOON)
        return found

    # -- how ---------------------------------------------------------------------------------------

    def _takes(self, key: DeliveryKey, units: int) -> bool:
        return self._taken(keys.delivery(key, self._shards)["log"], units)

    def _wait_for(self, key: DeliveryKey, units: int) -> None:
        """As botocore does, which tells its caller of a throttle once it has asked four times."""
        for wait in _WAITS:
            if self._takes(key, units):
                return
            self._sleep(wait)
        if not self._takes(key, units):
            raise Unavailable("ProvisionedThroughputExceededException")

    def _sleep(self, wait: timedelta) -> None:
        if self._world.actors.lane is not None:
            self._world.actors.sleep(wait)


class Throughput:
    """`Taken`: so many units a second of each partition, and no more."""

    def __init__(self, world: World, per_second: int) -> None:
        self.refused = 0
        self._clock = world.clock
        self._per_second = per_second
        self._begun: dict[str, Any] = {}
        self._used: dict[str, int] = {}

    def __call__(self, partition: str, units: int) -> bool:
        second = self._clock().replace(microsecond=0)
        if self._begun.get(partition) != second:
            self._begun[partition], self._used[partition] = second, 0
        if self._used[partition] + units > self._per_second:
            self.refused += 1
            return False
        self._used[partition] += units
        return True


def units_of(delivery: Delivery) -> int:
    """What writing it takes, by the size of the item that it is."""
    return write_units(weight(deliveries.to_item(delivery, RETENTION, ONE)))
