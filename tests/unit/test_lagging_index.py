"""What waits is released in one round, however far the index lags behind what was released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from zlib import crc32

import pytest

from hookline.domain.delivery.delivery import (
    CLOCK_SHARDS,
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
    Status,
    Waiting,
)
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.errors import Unavailable
from hookline.ports.deliveries import DuePage, Outrun, Replaced
from hookline.services.waiting.release_due import Released
from tests.builders import MINUTE, NOW, SECOND, TENANT, a_delivery, an_id
from tests.engine.deliveries import InMemoryDeliveries
from tests.engine.system import System

A_CHANGE = timedelta(milliseconds=1)


class LaggingIndex:
    """`Due` as it stood ``lag`` ago; each change takes a millisecond, so that it is seen to lag."""

    def __init__(self, system: System, lag: timedelta) -> None:
        self._clock = system.clock
        self._lag = lag
        self._history: defaultdict[DeliveryKey, list[tuple[datetime, Waiting | None]]]
        self._history = defaultdict(list)
        system.engine.deliveries_table.written = self._written

    def _written(self, delivery: Delivery) -> None:
        self._clock.advance(A_CHANGE)
        self._history[delivery.key].append((self._clock(), delivery.waiting))

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        entries = (
            (waiting.due_at, key)
            for key, waiting in self._as_seen()
            if isinstance(waiting, OnTheClock)
            and waiting.due_at <= now
            and crc32(key.id.encode()) % CLOCK_SHARDS == shard
        )
        return _page(entries, limit, after)

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        entries = (
            (waiting.due_at, key)
            for key, waiting in self._as_seen()
            if isinstance(waiting, OnItsWebhook) and key.webhook_id == webhook_id
        )
        return _page(entries, limit, after)

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        return DuePage([], None)

    def _as_seen(self) -> Iterator[tuple[DeliveryKey, Waiting | None]]:
        then = self._clock() - self._lag
        for key, past in self._history.items():
            seen = [waiting for at, waiting in past if at <= then]
            if seen:
                yield key, seen[-1]


def _page(
    entries: Iterable[tuple[datetime, DeliveryKey]], limit: int, after: object | None
) -> DuePage:
    def place(entry: tuple[datetime, DeliveryKey]) -> tuple[datetime, str]:
        return entry[0], entry[1].id

    ordered = sorted(entries, key=place)
    left = [entry for entry in ordered if after is None or place(entry) > after]  # type: ignore[operator]  # it is what was given
    some = left[:limit]
    return DuePage([key for _, key in some], place(some[-1]) if len(left) > limit else None)


def waiting(
    system: System, webhook_id: WebhookId, count: int, how: Callable[[datetime], Waiting]
) -> None:
    system.engine.deliveries_table.create(
        [
            a_delivery(
                webhook_id=webhook_id,
                event_id=EventId(an_id("evt")),
                status=Status.RETRYING,
                waiting=how(NOW - MINUTE + number * A_CHANGE),
                expires_at=NOW + 99 * MINUTE,
            )
            for number in range(count)
        ]
    )
    system.clock.advance(MINUTE)


LAGS = pytest.mark.parametrize("lag", [0 * SECOND, SECOND / 10, SECOND, 30 * SECOND], ids=str)


@LAGS
def test_all_that_is_due_on_the_clock_is_released(lag: timedelta) -> None:
    system = System()
    system.engine.due = LaggingIndex(system, lag)
    waiting(system, system.webhook().id, 2_000, OnTheClock)
    system.start()
    assert system.release_due(lambda: True) == Released(2_000)
    assert len(system.engine.retry_queue.messages) == 2_000


@LAGS
def test_as_much_as_drains_in_a_minute_is_released_of_what_waits_on_a_webhook(
    lag: timedelta,
) -> None:
    system = System()
    system.engine.due = LaggingIndex(system, lag)
    webhook = system.webhook()
    waiting(system, webhook.id, 1_500, OnItsWebhook)
    system.start()
    assert system.release_waiting(webhook, 1_200, lambda: True) == 1_200


def test_a_round_cut_short_tells_how_long_what_is_left_has_been_due() -> None:
    system = System()
    waiting(system, system.webhook().id, 4_000, OnTheClock)
    system.start()
    names = system.engine.steps.names

    def few_pages() -> bool:
        return names["due.on_the_clock"] < 2 * CLOCK_SHARDS

    done = system.release_due(few_pages)
    assert 1_500 < done.count <= 1_600
    assert done.cut_short
    assert 2 * MINUTE - 3 * SECOND < done.behind < 2 * MINUTE
    assert system.release_due(lambda: True) == Released(4_000 - done.count)


class HotLog:
    """`Deliveries` and `DeliveryChanges` of which one webhook's partition is throttled."""

    def __init__(self, table: InMemoryDeliveries, webhook_id: WebhookId, reads: bool) -> None:
        self.asked = 0
        self._table = table
        self._hot = webhook_id
        self._reads = reads
        self.get = table.get
        self.get_many = table.get_many
        self.progress = table.progress

    def get_some(self, keys: Iterable[DeliveryKey]) -> dict[DeliveryKey, Delivery]:
        cold = [key for key in keys if not self._reads or key.webhook_id != self._hot]
        return dict(self._table.get_many(cold))

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        if before.key.webhook_id == self._hot:
            self.asked += 1
            raise Unavailable("UpdateItem: ProvisionedThroughputExceededException")
        return self._table.replace(before, after)


@pytest.mark.parametrize("reads", [True, False], ids=["reads", "writes"])
def test_what_is_due_of_others_is_released_while_one_log_is_throttled(reads: bool) -> None:
    system = System()
    hot, other = system.webhook(), system.webhook()
    throttled = HotLog(system.engine.deliveries_table, hot.id, reads)
    system.engine.deliveries, system.engine.delivery_changes = throttled, throttled
    waiting(system, hot.id, 1_000, OnTheClock)
    waiting(system, other.id, 1_000, OnTheClock)
    system.start()
    done = system.release_due(lambda: True)
    assert done.count == 1_000
    assert {each.whose for each in done.failed} == (set() if reads else {f"{TENANT}/{hot.id}"})
    # What is refused costs seconds: no more of that log is tried than were on one page.
    assert throttled.asked <= 100 * CLOCK_SHARDS


def test_an_outage_of_all_writes_ends_the_round_early() -> None:
    system = System()
    waiting(system, system.webhook().id, 3_000, OnTheClock)
    system.start()
    calls = []

    def refused(call: object, moment: object) -> None:
        if getattr(call, "name", "") == "delivery_changes.replace":
            calls.append(call)
            raise Unavailable("UpdateItem: InternalServerError")

    system.engine.steps.hook = refused
    done = system.release_due(lambda: True)
    assert done.count == 0
    assert len(calls) <= 100 * CLOCK_SHARDS


def test_a_retry_whose_webhook_is_switched_off_before_it_fails_at_its_age() -> None:
    system = System()
    webhook, event = system.one_event()
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
    system.retry(system.delivery(event, webhook).key)
    system.edit(webhook, enabled=False)
    system.run_everything()
    held = system.delivery(event, webhook)
    assert isinstance(held.waiting, OnItsWebhook)
    system.pass_time(held.expires_at - system.clock() - MINUTE, step=timedelta(hours=6))
    assert system.status(event, webhook) is Status.RETRYING
    system.pass_time(3 * MINUTE)
    assert system.status(event, webhook) is Status.FAILED
