"""Deliveries, their attempts and the index of what waits, in memory."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from hookline.domain.delivery.delivery import (
    Attempt,
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
    Progress,
    Status,
)
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.ports import Clock
from hookline.ports.deliveries import Outrun, Replaced
from tests.engine.clock import not_expired

_FIELDS = [field.name for field in fields(Delivery)]

_PAGE = 4_000
"""Entries of the index that DynamoDB reads at once: about a MiB."""

type _Log = tuple[TenantId, WebhookId]
type _Entry = tuple[datetime, DeliveryId, DeliveryKey]


class InMemoryDeliveries:
    """`NewDeliveries`, `Deliveries`, `DeliveryChanges`, `DeliveryLog` and `Due`, over one table."""

    def __init__(self, retention: timedelta, clock: Clock) -> None:
        self._deliveries: dict[DeliveryKey, Delivery] = {}
        self._logs: defaultdict[_Log, list[DeliveryId]] = defaultdict(list)
        self._attempts: defaultdict[DeliveryKey, dict[int, Attempt]] = defaultdict(dict)
        self._clock_entries: list[_Entry] = []
        self._webhook_entries: defaultdict[_Log, list[_Entry]] = defaultdict(list)
        self._retention = retention
        self._clock = clock

    # -- NewDeliveries ---------------------------------------------------------------------------

    def create(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._write(delivery)

    # -- Deliveries ------------------------------------------------------------------------------

    def get_many(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        found = {key: self.get(key) for key in keys}
        return {key: delivery for key, delivery in found.items() if delivery is not None}

    def progress(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        return {key: delivery.progress for key, delivery in self.get_many(keys).items()}

    # -- DeliveryChanges -------------------------------------------------------------------------

    def get(self, key: DeliveryKey) -> Delivery | None:
        delivery = self._deliveries.get(key)
        return delivery if delivery and self._live(delivery) else None

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        if before.last_attempt and after.attempt_count > before.attempt_count:
            self._attempts[before.key][before.last_attempt.number] = before.last_attempt
        changes = {
            name: getattr(after, name)
            for name in _FIELDS
            if getattr(before, name) != getattr(after, name)
        }
        standing = self._deliveries.get(after.key)
        if standing is None:
            return Outrun(None)
        if _fence(standing) == _fence(before):
            self._write(replace(standing, **changes))
            return Replaced()
        repeated = _fence(standing) == _fence(after) and all(
            getattr(standing, name) == value for name, value in changes.items()
        )
        return Replaced() if repeated else Outrun(self.get(after.key))

    # -- DeliveryLog -----------------------------------------------------------------------------

    def page(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        limit: int,
        *,
        before: DeliveryId | None = None,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[Delivery], DeliveryId | None]:
        ids = self._logs[tenant, webhook_id]
        end = len(ids) if before is None else bisect_left(ids, before)
        newest_first = (
            self._deliveries[DeliveryKey(tenant, webhook_id, ids[place])]
            for place in range(end - 1, -1, -1)
        )
        wanted = (
            delivery
            for delivery in newest_first
            if self._live(delivery)
            and (not statuses or delivery.status in statuses)
            and (not types or delivery.event_type in types)
            and (since is None or delivery.created_at >= since)
            and (until is None or delivery.created_at < until)
        )
        found = [_without_bodies(delivery) for delivery in islice(wanted, limit + 1)]
        return found[:limit], found[limit - 1].key.id if len(found) > limit else None

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        last = delivery.last_attempt
        if last is None:
            return []
        older = self._attempts[delivery.key] if self._live(delivery) else {}
        earlier = [older[number] for number in sorted(older) if number < last.number]
        return [*earlier, last][-limit:]

    # -- Due -------------------------------------------------------------------------------------

    def on_the_clock(self, now: datetime, limit: int) -> Sequence[DeliveryKey]:
        return self._keys(takewhile(lambda entry: entry[0] <= now, self._clock_entries), limit)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int
    ) -> Sequence[DeliveryKey]:
        return self._keys(self._webhook_entries[tenant, webhook_id], limit)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        limit: int,
        *,
        thorough: bool = True,
    ) -> Sequence[DeliveryKey]:
        entries = self._webhook_entries[tenant, webhook_id][: None if thorough else _PAGE]
        expired = (entry for entry in entries if self._deliveries[entry[2]].expires_at <= now)
        return self._keys(expired, limit)

    # -- beyond the ports ------------------------------------------------------------------------

    def all(self) -> Sequence[Delivery]:
        """Everything there ever was, for a test's final account."""
        return list(self._deliveries.values())

    def _write(self, delivery: Delivery) -> None:
        key = delivery.key
        standing = self._deliveries.get(key)
        if standing is None:
            insort(self._logs[key.tenant, key.webhook_id], key.id)
        elif standing.waiting is not None:
            entries, entry = self._entry(standing)
            del entries[bisect_left(entries, entry)]
        if delivery.waiting is not None:
            entries, entry = self._entry(delivery)
            insort(entries, entry)
        self._deliveries[key] = delivery

    def _entry(self, delivery: Delivery) -> tuple[list[_Entry], _Entry]:
        key = delivery.key
        match delivery.waiting:
            case OnTheClock(due_at):
                return self._clock_entries, (due_at, key.id, key)
            case OnItsWebhook(due_at):
                return self._webhook_entries[key.tenant, key.webhook_id], (due_at, key.id, key)
            case None:
                raise ValueError("it does not wait")

    def _keys(self, entries: Iterable[_Entry], limit: int) -> Sequence[DeliveryKey]:
        live = (key for _, _, key in entries if self._live(self._deliveries[key]))
        return list(islice(live, limit))

    def _live(self, delivery: Delivery) -> bool:
        return not_expired(delivery.created_at, self._retention, self._clock())


def _fence(delivery: Delivery) -> tuple[object, ...]:
    return (
        delivery.status,
        delivery.generation,
        delivery.sequence,
        delivery.ticket,
        delivery.attempt_count,
        delivery.waiting.due_at if delivery.waiting else None,
    )


def _without_bodies(delivery: Delivery) -> Delivery:
    last = delivery.last_attempt
    if last is not None:
        response = last.response and replace(last.response, headers=(), body="")
        request = replace(last.request, headers=(), body=None)
        last = replace(last, request=request, response=response)
    return replace(delivery, activation=None, last_attempt=last)
