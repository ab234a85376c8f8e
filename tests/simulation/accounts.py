"""What must hold of a world at any time: nothing accepted is lost, nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hookline.domain.delivery.delivery import (
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
    Status,
)
from hookline.domain.fan_out.fan_out import FanOut, delivery_of
from hookline.domain.ids import DeliveryId, EventId
from tests.builders import TENANT
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Account:
    """How every delivery of every accepted event stands.

    ``lost``: events and deliveries that nothing would bring on if all queues were purged now, and
    those whose end is not what their endpoint answered.
    ``twice``: calls beyond the attempts in the log, by delivery: whoever made them died, or lost
    the race, before it could write that they were made.
    """

    statuses: Counter[str]
    lost: tuple[str, ...]
    twice: dict[DeliveryId, int]

    @property
    def open(self) -> int:
        """Deliveries that have not ended."""
        return self.statuses[Status.CREATED] + self.statuses[Status.RETRYING]


def account(world: World) -> Account:
    """Looks at the tables, past the steps; the queues do not count."""
    deliveries = {delivery.key: delivery for delivery in world.engine.deliveries_table.all()}
    records = _records(world)
    lied = [f"{one.key.id} ended as {one.status}" for one in _lied(world, deliveries.values())]
    lost = [
        *lied,
        *(f"event {event_id} is not fanned out" for event_id in _unread(world, records)),
        *(f"{key.id} was not created" for key in _uncreated(world, records, deliveries)),
        *(f"{one.key.id} is forgotten" for one in _forgotten(world, records, deliveries)),
    ]
    return Account(
        statuses=Counter(str(one.status) for one in deliveries.values()),
        lost=tuple(lost),
        twice=_twice(world, deliveries.values()),
    )


def _lied(world: World, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """Successes that no endpoint answered with a 2xx."""
    for one in deliveries:
        answers = [call.status for call in world.endpoints.calls.get(one.key.id, ())]
        taken = any(status is not None and 200 <= status < 300 for status in answers)
        if one.status is Status.SUCCESS and not taken:
            yield one


def _records(world: World) -> dict[EventId, FanOut]:
    """The fan-out records of all events there are, operational ones included."""
    records = {}
    for event in world.engine.events_table.all():
        record = world.engine.fan_outs_table.get(event.tenant, event.accepted_at, event.id)
        if record is not None:
            records[event.id] = record
    return records


def _unread(world: World, records: dict[EventId, FanOut]) -> Iterator[EventId]:
    waiting = set(world.stream.waiting)
    for event_id in world.accepted:
        if event_id not in records and event_id not in waiting:
            yield event_id


def _uncreated(
    world: World, records: dict[EventId, FanOut], deliveries: dict[DeliveryKey, Delivery]
) -> Iterator[DeliveryKey]:
    for record in records.values():
        for number in range(record.further_chunks + 1):
            for match in world.engine.fan_outs_table.chunk(record, number):
                key = delivery_of(record, match).key
                if key not in deliveries and not _swept_later(world, record.event_id, records):
                    yield key


def _forgotten(
    world: World, records: dict[EventId, FanOut], deliveries: dict[DeliveryKey, Delivery]
) -> Iterator[Delivery]:
    for delivery in deliveries.values():
        unattempted = delivery.status is Status.CREATED and not delivery.attempt_count
        in_reach = unattempted and _swept_later(world, delivery.event_id, records)
        if not (delivery.status.ended or in_reach or _looked_for(world, delivery)):
            yield delivery


def _swept_later(world: World, event_id: EventId, records: dict[EventId, FanOut]) -> bool:
    """Whether the sweep has yet to come by."""
    record, at = records[event_id], world.engine.bookmarks_table.get(TENANT)
    return at is None or (record.accepted_at, record.event_id) > (at.accepted_at, at.event_id)


def _looked_for(world: World, delivery: Delivery) -> bool:
    """Whether the scheduler will find it in the index of what waits."""
    match delivery.waiting:
        case OnTheClock():
            return True
        case OnItsWebhook():
            key = (delivery.key.tenant, delivery.key.webhook_id)
            return world.engine.health_table.get_many([key])[0].has_waiting
        case None:
            return False


def _twice(world: World, deliveries: Iterable[Delivery]) -> dict[DeliveryId, int]:
    unknown = {
        one.key.id: len(world.endpoints.calls.get(one.key.id, ())) - one.attempt_count
        for one in deliveries
    }
    return {delivery_id: count for delivery_id, count in unknown.items() if count}
