"""The index of what waits: what is due on the clock, or on a webhook, longest due first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from hookline.domain.delivery.delivery import (
    CLOCK_SHARDS,
    Delivery,
    DeliveryKey,
    OnItsWebhook,
    OnTheClock,
)
from hookline.domain.ids import WebhookId
from hookline.ports.deliveries import DuePage
from tests.builders import (
    HOUR,
    NOW,
    SECOND,
    TENANT,
    WEBHOOK_ID,
    a_delivery,
    a_retrying_delivery,
    an_id,
)
from tests.contract.deliveries import SOON, created, other, succeeded
from tests.contract.ports import RETENTION, SHARDED, Ports, ports_over

ports = ports_over("memory", *SHARDED)


def on_the_clock(ports: Ports, now: datetime, limit: int = 100) -> list[DeliveryKey]:
    """Of all shards, each walked through to its end."""
    return [key for shard in range(CLOCK_SHARDS) for key in walked(ports, shard, now, limit)]


def walked(ports: Ports, shard: int, now: datetime, limit: int) -> Iterator[DeliveryKey]:
    after: object | None = None
    while True:
        page = ports.due.on_the_clock(shard, now, limit, after)
        yield from page.keys
        after = page.after
        if after is None:
            return


def shard_of(delivery: Delivery) -> int:
    return crc32(delivery.key.id.encode()) % CLOCK_SHARDS


def test_what_does_not_wait_is_not_due(ports: Ports) -> None:
    created(ports, a_delivery())
    assert on_the_clock(ports, NOW + 99 * HOUR) == []
    assert ports.due.on_webhook(TENANT, WEBHOOK_ID, 10) == DuePage([], None)


def test_what_is_due_on_the_clock_comes_longest_due_first_in_each_shard(ports: Ports) -> None:
    later = [other(waiting=OnTheClock(NOW + number * SECOND)) for number in range(30)]
    created(ports, *reversed(later))
    created(ports, other(waiting=OnItsWebhook(NOW)))
    for shard in range(CLOCK_SHARDS):
        expected = [each.key for each in later[:21] if shard_of(each) == shard]
        assert list(walked(ports, shard, NOW + 20 * SECOND, 100)) == expected
        assert list(walked(ports, shard, NOW + 20 * SECOND, 2)) == expected


def test_what_waits_on_a_webhook_comes_longest_due_first_page_by_page(ports: Ports) -> None:
    waiting = [other(waiting=OnItsWebhook(NOW + number * HOUR)) for number in range(4)]
    created(ports, *reversed(waiting))
    created(ports, a_delivery(webhook_id=WebhookId(an_id("wh")), waiting=OnItsWebhook(NOW)))
    created(ports, other(waiting=OnTheClock(NOW)))
    first = ports.due.on_webhook(TENANT, WEBHOOK_ID, 3)
    assert list(first.keys) == [delivery.key for delivery in waiting[:3]]
    assert first.after is not None
    second = ports.due.on_webhook(TENANT, WEBHOOK_ID, 3, first.after)
    assert list(second.keys) == [waiting[3].key]


def test_a_walk_goes_on_behind_what_has_left_the_index_meanwhile(ports: Ports) -> None:
    first, second = [other(waiting=OnItsWebhook(NOW + number * HOUR)) for number in range(2)]
    created(ports, first, second)
    page = ports.due.on_webhook(TENANT, WEBHOOK_ID, 1)
    ports.delivery_changes.replace(first, succeeded(first))
    assert list(ports.due.on_webhook(TENANT, WEBHOOK_ID, 1, page.after).keys) == [second.key]


def test_what_has_ended_is_not_due_any_more(ports: Ports) -> None:
    (delivery,) = created(ports, a_retrying_delivery(waiting=OnTheClock(SOON)))
    ports.delivery_changes.replace(delivery, succeeded(delivery))
    assert on_the_clock(ports, SOON + HOUR) == []


def test_what_moves_from_the_clock_to_its_webhook_is_found_there_alone(ports: Ports) -> None:
    (delivery,) = created(ports, a_retrying_delivery(waiting=OnTheClock(SOON)))
    ports.delivery_changes.replace(delivery, replace(delivery, waiting=OnItsWebhook(SOON)))
    assert on_the_clock(ports, SOON + HOUR) == []
    assert list(ports.due.on_webhook(TENANT, WEBHOOK_ID, 10).keys) == [delivery.key]


def test_what_waits_past_its_age_is_found(ports: Ports) -> None:
    young = other(waiting=OnItsWebhook(NOW), expires_at=NOW + 2 * HOUR)
    old = other(waiting=OnItsWebhook(NOW + SECOND), expires_at=NOW + HOUR)
    created(ports, young, old)
    expired = ports.due.expired_on_webhook
    assert expired(TENANT, WEBHOOK_ID, NOW) == DuePage([], None)
    assert expired(TENANT, WEBHOOK_ID, NOW + HOUR) == DuePage([old.key], None)
    assert list(expired(TENANT, WEBHOOK_ID, NOW + 3 * HOUR).keys) == [young.key, old.key]


def test_entries_of_expired_deliveries_are_passed_over(ports: Ports) -> None:
    created(ports, other(waiting=OnTheClock(NOW)), other(waiting=OnItsWebhook(NOW)))
    ports.clock.advance(RETENTION)
    young = other(created_at=ports.clock() - HOUR, waiting=OnTheClock(NOW + SECOND))
    created(ports, young)
    assert on_the_clock(ports, ports.clock()) == [young.key]
    assert ports.due.on_webhook(TENANT, WEBHOOK_ID, 9).keys == []
