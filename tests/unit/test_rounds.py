"""The scheduler's rounds when there is more than one round's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from hookline.domain.delivery.changing import RIDES_EVERY
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnTheClock, Progress, Status
from hookline.domain.fan_out.fan_out import CHUNK_SIZE, parse_fan_out_message
from hookline.domain.identity.identity import Tenant
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Open
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.deliveries import Deliveries
from hookline.ports.events import Bookmark
from hookline.ports.webhooks import CountedWebhooks
from hookline.services.fan_out.fan_out import SMALL_MATCHES
from tests.builders import HOUR, MINUTE, NOW, PRINCIPAL, TENANT, a_health, an_id
from tests.engine.system import System


def time_for(system: System, count: int, call: str) -> Callable[[], bool]:
    """There is time until so many further calls of this name were made."""
    names = system.engine.steps.names
    most = names[call] + count
    return lambda: names[call] < most


@pytest.mark.parametrize(("webhooks", "a_round", "rounds"), [(101, 10, 21), (202, 60, 7)])
def test_every_webhook_is_looked_after_though_a_round_gets_to_some_of_them(
    system: System, webhooks: int, a_round: int, rounds: int
) -> None:
    trouble = Open(opened_at=NOW, next_probe_at=NOW + 9 * HOUR, probe_interval=HOUR)
    ids = [system.webhook().id for _ in range(webhooks)]
    for webhook_id in ids:
        system.engine.health_table.replace(
            a_health(webhook_id=webhook_id),
            a_health(webhook_id=webhook_id, circuit=trouble, has_waiting=True),
        )
    seen = system.engine.webhooks = Seen(system.engine.webhooks)
    system.start()
    for _ in range(rounds):
        system.webhook_round(time_for(system, a_round, "webhooks.get"))
        system.clock.advance(MINUTE)
    assert seen.ids == set(ids)


class Seen:
    """`Webhooks` that tell which of them were asked for."""

    def __init__(self, webhooks: CountedWebhooks) -> None:
        self._webhooks = webhooks
        self.ids: set[WebhookId] = set()
        self.page, self.count = webhooks.page, webhooks.count

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook | None:
        self.ids.add(webhook_id)
        return self._webhooks.get(tenant, webhook_id)


def test_every_tenant_is_swept_though_a_round_gets_to_some_of_them(system: System) -> None:
    tenants = [TenantId(f"tenant-{number}") for number in range(30)]
    for number, tenant in enumerate(tenants):
        created_at = NOW + timedelta(milliseconds=number)
        system.tenants.create(
            Tenant(
                id=tenant,
                name=tenant,
                created_at=created_at,
                created_by=PRINCIPAL,
                updated_at=created_at,
            )
        )
        system.webhook(tenant=tenant)
        system.publish(tenant=tenant, id=EventId(an_id("evt")))
    system.run_stream()
    system.engine.delivery_queue.purge()
    system.clock.advance(LEASE + MINUTE)
    for _ in range(7):  # 31 tenants, 10 in a round
        system.sweep(system.next_run(), time_for(system, 10, "bookmarks.get"))
        system.clock.advance(MINUTE)
    waiting = [delivery.waiting for delivery in system.engine.deliveries_table.all()]
    assert len(waiting) == 30
    assert all(isinstance(each, OnTheClock) for each in waiting)


class Sizes:
    """`Deliveries` that tell how many they were asked for at once, and in all."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self.asked: list[int] = []

    def get_many(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        self.asked.append(len(keys))
        return self._deliveries.get_many(keys)

    get_some = get_many

    def progress(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        self.asked.append(len(keys))
        return self._deliveries.progress(keys)


def test_a_sweep_that_runs_out_of_time_goes_on_from_what_it_has_done(system: System) -> None:
    webhooks = [system.webhook() for _ in range(SMALL_MATCHES)]
    events = []
    for _ in range(8):
        events += [system.publish() for _ in range(5)]
        system.run_stream()
    system.run_everything()
    assert system.statuses(events, webhooks[0]) == {Status.SUCCESS}
    system.clock.advance(LEASE + MINUTE)
    sizes = system.engine.deliveries = Sizes(system.engine.deliveries)
    system.start()
    reached: list[Bookmark | None] = []
    lags: list[timedelta] = []
    for _ in range(4):
        most = len(sizes.asked) + 2
        swept = system.sweep(
            system.next_run(),
            lambda most=most: len(sizes.asked) < most,  # type: ignore[misc]  # its default is an int
        )
        reached.append(system.engine.bookmarks.get(TENANT))
        lags.append(swept.lag)
    assert len({bookmark.event_id for bookmark in reached if bookmark}) == 2
    assert reached[-1] is not None
    assert reached[-1].event_id == events[-1].id
    assert lags == [MINUTE, timedelta(0), timedelta(0), timedelta(0)]
    assert max(sizes.asked) <= 1_000


def test_a_sweep_that_runs_out_of_time_within_a_large_fan_out_goes_on_with_its_next_chunk(
    system: System,
) -> None:
    webhooks = [system.webhook() for _ in range(3 * CHUNK_SIZE)]
    event = system.publish()
    system.run_stream()
    lose_the_chunks(system)
    system.clock.advance(LEASE + MINUTE)
    for _ in range(2):
        swept = system.sweep(system.next_run(), time_for(system, 1, "new_deliveries.create"))
        assert swept.mended == CHUNK_SIZE
        assert swept.cut_short
    assert system.sweep(system.next_run(), lambda: True).mended < CHUNK_SIZE
    bookmark = system.engine.bookmarks.get(TENANT)
    assert bookmark is not None
    assert bookmark.aside == ()
    system.run_round()
    system.pass_time(2 * RIDES_EVERY)
    assert {system.status(event, webhook) for webhook in webhooks} == {Status.SUCCESS}


def lose_the_chunks(system: System) -> None:
    """The matching of what was fanned out goes on to its end, and the chunks' messages are lost."""
    (message,) = system.engine.fan_out_queue.receive()
    system.continue_fan_out(parse_fan_out_message(message.body), system.next_run(), lambda: True)
    system.engine.fan_out_queue.purge()
    system.run_everything()


def test_what_is_lost_after_a_large_fan_out_is_mended_before_that_is(system: System) -> None:
    for _ in range(3 * CHUNK_SIZE):
        system.webhook()
    system.publish()
    system.run_stream()
    lose_the_chunks(system)
    other = system.webhook(events=("other",))
    later = system.publish(target=other.id)
    system.run_stream()
    system.engine.delivery_queue.purge()
    system.clock.advance(LEASE + MINUTE)
    names = system.engine.steps.names
    before = names["delivery_changes.replace"]
    system.sweep(system.next_run(), lambda: names["delivery_changes.replace"] == before)
    assert isinstance(system.delivery(later, other).waiting, OnTheClock)


def test_matching_whose_message_got_lost_goes_on(system: System) -> None:
    webhooks = [system.webhook() for _ in range(2 * CHUNK_SIZE)]
    event = system.publish()
    system.run_stream()
    system.engine.fan_out_queue.purge()
    system.pass_time(LEASE + 2 * MINUTE)
    assert {system.status(event, webhook) for webhook in webhooks} == {Status.SUCCESS}
    assert len(system.endpoints.calls) == len(webhooks)
