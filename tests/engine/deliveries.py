"""Deliveries, their attempts and the index of what waits, in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import cast
from zlib import crc32

from hookline.domain.delivery.delivery import (
    CLOCK_SHARDS,
    Attempt,
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
    Progress,
    Standing,
    Status,
)
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.ports import Clock
from hookline.ports.deliveries import EVERYTHING, DuePage, LogSearch, Outrun, Replaced
from tests.engine.clock import not_expired

_FIELDS = [field.name for field in fields(Delivery)]

_PAGE = 4_000
"""Entries of the index that DynamoDB reads at once: about a MiB."""

type _Log = tuple[TenantId, WebhookId]
type _Entry = tuple[datetime, DeliveryId, DeliveryKey]


class InMemoryDeliveries:
    """`NewDeliveries`, `Deliveries`, `DeliveryChanges`, `DeliveryLog` and `Due`, over one table.

    ``written`` is told of every write, before it is seen.
    """

    def __init__(self, retention: timedelta, clock: Clock) -> None:
        self._deliveries: dict[DeliveryKey, Delivery] = {}
        self._logs: defaultdict[_Log, list[DeliveryId]] = defaultdict(list)
        self._attempts: defaultdict[DeliveryKey, dict[int, Attempt]] = defaultdict(dict)
        self._clock_entries: defaultdict[int, list[_Entry]] = defaultdict(list)
        self._webhook_entries: defaultdict[_Log, list[_Entry]] = defaultdict(list)
        self._retention = retention
        self._clock = clock
        self.written: Callable[[Delivery], None] = lambda _delivery: None

    # -- NewDeliveries ---------------------------------------------------------------------------

    def create(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if self.get(delivery.key) is None:
                self._write(delivery)

    def create_some(self, deliveries: Sequence[Delivery]) -> Collection[DeliveryKey]:
        self.create(deliveries)
        return ()

    def create_one(self, delivery: Delivery) -> bool:
        absent = self.get(delivery.key) is None
        self.create([delivery])
        return absent

    # -- Deliveries ------------------------------------------------------------------------------

    def get_many(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        found = {key: self.get(key) for key in keys}
        return {key: delivery for key, delivery in found.items() if delivery is not None}

    def get_some(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        return self.get_many(keys)

    def standing(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Standing]:
        return {
            key: Standing(one.status, one.attempt_count, one.next_attempt_at, one.failure_reason)
            for key, one in self.get_many(keys).items()
        }

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
        search: LogSearch = EVERYTHING,
    ) -> tuple[Sequence[Delivery], DeliveryId | None]:
        ids = self._logs[tenant, webhook_id]
        end = len(ids) if before is None else bisect_left(ids, before)
        looked_at = range(end - 1, -1, -1)[: search.looks_at]
        newest_first = (
            self._deliveries[DeliveryKey(tenant, webhook_id, ids[place])] for place in looked_at
        )
        wanted = (
            delivery
            for delivery in newest_first
            if self._live(delivery)
            and (not statuses or delivery.status in statuses)
            and (not types or delivery.event_type in types)
            and (since is None or delivery.created_at >= since)
            and (until is None or delivery.created_at < until)
            and _found(delivery, search)
        )
        found = [_without_bodies(delivery) for delivery in islice(wanted, limit + 1)]
        if len(found) > limit:
            return found[:limit], found[limit - 1].key.id
        stopped = looked_at and looked_at[-1] > 0
        return found, ids[looked_at[-1]] if stopped else None

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        last = delivery.last_attempt
        if last is None:
            return []
        older = self._attempts[delivery.key] if self._live(delivery) else {}
        earlier = [older[number] for number in sorted(older) if number < last.number]
        return [*earlier, last][-limit:]

    # -- Due -------------------------------------------------------------------------------------

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        entries = self._clock_entries[shard]
        due = entries[: bisect_right(entries, now, key=lambda entry: entry[0])]
        return self._page(due, limit, after)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        return self._page(self._webhook_entries[tenant, webhook_id], limit, after)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        page = self._page(self._webhook_entries[tenant, webhook_id], _PAGE, after)
        expired = [key for key in page.keys if self._deliveries[key].expires_at <= now]
        return DuePage(expired, page.after)

    # -- beyond the ports ------------------------------------------------------------------------

    def all(self) -> Sequence[Delivery]:
        """Everything there ever was, for a test's final account."""
        return list(self._deliveries.values())

    def take_away(self, key: DeliveryKey) -> None:
        """As DynamoDB does with what has expired; of the index and the log it is not asked."""
        del self._deliveries[key]

    def overwrite(self, deliveries: Sequence[Delivery]) -> None:
        """As a batch write does that AWS comes to when its caller has given it up and gone on."""
        for delivery in deliveries:
            self._write(delivery)

    def _write(self, delivery: Delivery) -> None:
        self.written(delivery)
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
                shard = crc32(key.id.encode()) % CLOCK_SHARDS
                return self._clock_entries[shard], (due_at, key.id, key)
            case OnItsWebhook(due_at):
                return self._webhook_entries[key.tenant, key.webhook_id], (due_at, key.id, key)
            case None:
                raise ValueError("it does not wait")

    def _page(self, entries: list[_Entry], limit: int, after: object | None) -> DuePage:
        first = 0 if after is None else bisect_right(entries, cast("_Entry", after)[:2], key=_place)
        some = entries[first : first + limit]
        live = [key for _, _, key in some if self._live(self._deliveries[key])]
        return DuePage(live, some[-1] if first + limit < len(entries) else None)

    def _live(self, delivery: Delivery) -> bool:
        return not_expired(delivery.created_at, self._retention, self._clock())


def _found(delivery: Delivery, search: LogSearch) -> bool:
    last = delivery.last_attempt
    response, error = (last.response, last.error) if last else (None, None)
    return (
        search.event_id in {None, delivery.event_id}
        and search.response_status in {None, response and response.status}
        and search.error_kind in {None, error and error.kind}
    )


def _place(entry: _Entry) -> tuple[datetime, DeliveryId]:
    return entry[:2]


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
