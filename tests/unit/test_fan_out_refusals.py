"""Tables that refuse one tenant's reads or writes: the stream's lane goes on for all others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import SubscriptionPage
from hookline.errors import Unavailable
from hookline.ports.webhooks import Subscriptions
from hookline.services.fan_out.fan_out import AlreadyClaimed, FannedOut, NotDone
from tests.builders import MINUTE, SECOND, TENANT
from tests.engine.steps import never_sent
from tests.engine.system import System

VICTIM = TenantId("victim")


class OnlyOf:
    """`Subscriptions` of which one tenant's can be had, and those of ``hot`` are throttled."""

    def __init__(self, subscriptions: Subscriptions, hot: TenantId, *, versions: bool) -> None:
        self.asked = 0
        self._subscriptions = subscriptions
        self._hot = hot
        self._throttles_versions = versions
        self.under = subscriptions.under

    def page(
        self, tenant: TenantId, pattern: str, limit: int, after: WebhookId | None
    ) -> SubscriptionPage:
        if tenant == self._hot:
            self.asked += 1
            raise Unavailable("Query: ProvisionedThroughputExceededException")
        return self._subscriptions.page(tenant, pattern, limit, after)

    def versions(self, tenants: Collection[TenantId]) -> Mapping[TenantId, str | None]:
        others = set(tenants) - {self._hot} if self._throttles_versions else tenants
        return self._subscriptions.versions(others)


@pytest.mark.parametrize("versions", [True, False], ids=["version", "page"])
def test_a_tenant_whose_subscriptions_are_throttled_hands_back_nobodys_events(
    system: System, versions: bool
) -> None:
    throttled = OnlyOf(system.engine.subscriptions, TENANT, versions=versions)
    system.engine.subscriptions, whole = throttled, system.engine.subscriptions
    mine, victim = system.webhook(), system.webhook(tenant=VICTIM)
    system.start()
    hot = [system.publish() for _ in range(50)]
    others = [system.publish(tenant=VICTIM) for _ in range(50)]
    outcomes = system.fan_out([*hot[:25], *others, *hot[25:]], "run")
    assert all(isinstance(outcome, FannedOut) for outcome in outcomes)
    assert throttled.asked <= 3
    assert system.statuses(others, victim) == {Status.CREATED}
    system.engine.subscriptions = whole
    system.start()
    system.run_steps()
    assert system.statuses(hot, mine) == {Status.CREATED}


def throttled(system: System, name: str, tenant: TenantId) -> None:
    """Every call of that name about the tenant alone is refused."""

    port, method = name.split(".")
    real = getattr(system.engine, port)

    class Refusing:
        def __getattr__(self, attribute: str) -> object:
            found = getattr(real, attribute)
            if attribute != method:
                return found

            def refuse(*given: object, **more: object) -> object:
                about = getattr(given[0], "tenant", given[0])
                if about == tenant:
                    raise Unavailable(f"{name}: ProvisionedThroughputExceededException")
                return found(*given, **more)

            return refuse

    setattr(system.engine, port, Refusing())
    system.start()


@pytest.mark.parametrize("name", ["fan_outs.claim", "bookmarks.rewind"])
def test_a_tenant_whose_writes_are_refused_blocks_the_lane_for_some_seconds_alone(
    system: System, name: str
) -> None:
    mine, victim = system.webhook(), system.webhook(tenant=VICTIM)
    hot = system.publish()
    if name == "bookmarks.rewind":
        system.clock.advance(LEASE)
    whole = getattr(system.engine, name.split(".", maxsplit=1)[0])
    throttled(system, name, TENANT)
    rounds = 0
    while True:
        others = [system.publish(tenant=VICTIM) for _ in range(5)]
        first, *rest = system.fan_out([hot, *others], f"run {rounds}")
        assert all(isinstance(outcome, FannedOut) for outcome in rest)
        assert system.statuses(others, victim) == {Status.CREATED}
        if not isinstance(first, NotDone):
            break
        system.clock.advance(SECOND)
        rounds += 1
    assert rounds <= 6
    setattr(system.engine, name.split(".", maxsplit=1)[0], whole)
    system.start()
    system.run_steps()
    assert system.status(hot, mine) is Status.CREATED


def test_what_a_purge_took_before_its_claim_comes_with_the_day_that_the_stream_holds(
    system: System,
) -> None:
    mine, victim = system.webhook(), system.webhook(tenant=VICTIM)
    hot = system.publish()
    day = [hot]
    whole = system.engine.fan_outs
    throttled(system, "fan_outs.claim", TENANT)
    while not system.engine.fan_out_queue.messages:
        other = system.publish(tenant=VICTIM)
        system.fan_out([hot, other], system.next_run())
        day.append(other)
        system.clock.advance(SECOND)
    system.engine.fan_out_queue.purge()
    system.engine.fan_outs = whole
    system.start()
    first, *rest = system.fan_out(day, system.next_run())
    assert isinstance(first, FannedOut)
    assert {type(outcome) for outcome in rest} == {AlreadyClaimed}
    assert system.status(hot, mine) is Status.CREATED
    assert system.statuses(day[1:], victim) == {Status.CREATED}
    assert len(system.engine.delivery_queue.messages) == len(day)


def test_an_outage_leaves_events_in_the_stream_however_long_it_lasts(system: System) -> None:
    system.webhook()
    event = system.publish()
    throttled(system, "fan_outs.claim", TENANT)
    for number in range(100):
        (outcome,) = system.fan_out([event], f"run {number}")
        assert isinstance(outcome, NotDone)
        system.clock.advance(MINUTE)
    assert not system.engine.fan_out_queue.messages


class HotLog:
    """`NewDeliveries` of which those of one webhook cannot be written."""

    def __init__(self, system: System, hot: WebhookId) -> None:
        self._table = system.engine.deliveries_table
        self._hot = hot
        self.create = self._table.create
        self.create_one = self._table.create_one

    def create_some(self, deliveries: Sequence[Delivery]) -> Collection[DeliveryKey]:
        hot = [one for one in deliveries if one.key.webhook_id == self._hot]
        self._table.create([one for one in deliveries if one not in hot])
        return {one.key for one in hot}


def test_a_throttled_log_delays_no_other_delivery_and_its_own_are_created_by_the_queue(
    system: System,
) -> None:
    hot, other = system.webhook(), system.webhook()
    system.engine.new_deliveries = HotLog(system, hot.id)
    system.start()
    events = [system.publish() for _ in range(10)]
    system.run_stream()
    assert not system.stream
    assert system.statuses(events, other) == {Status.CREATED}
    assert len(system.engine.delivery_queue.messages) == 10
    system.run_steps()
    assert system.statuses(events, hot) == {Status.CREATED}
    system.run_everything()
    assert len(system.endpoints.calls) == 20


def test_a_failure_that_is_nobodys_fault_sends_one_batch_through_the_queue(system: System) -> None:
    webhook = system.webhook()
    system.engine.steps.hook = never_sent("subscriptions.versions")
    first, second = system.publish(), system.publish()
    assert system.fan_out([first], "run") == [FannedOut(0, goes_on=True)]
    assert system.fan_out([second], "another run") == [
        FannedOut(1, (system.delivery(second, webhook).key.id,))
    ]
    system.run_steps()
    assert system.status(first, webhook) is Status.CREATED
