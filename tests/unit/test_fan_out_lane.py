"""The stream's lane is never a tenant's: what one of them does delays nobody else's events."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.event.event import Event
from hookline.domain.fan_out.matching import Interest, Matched, explain
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.lease import LEASE
from hookline.domain.sandbox import allowance as allowances
from hookline.domain.webhook.webhook import Scope, SubscriptionPage
from hookline.errors import Unavailable
from hookline.ports.webhooks import Subscriptions
from hookline.services.fan_out.fan_out import (
    SMALL_MATCHES,
    SMALL_STEPS,
    AlreadyClaimed,
    FannedOut,
    LeftOver,
    NotDone,
)
from tests.builders import TENANT
from tests.engine.steps import never_sent
from tests.engine.system import System

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
VICTIM = TenantId("victim")

COSTLY = "length(data.items[?a==`3` && s=='x' || a==`9`]) > `99999`"
LARGE = {"items": [{"a": number % 7, "s": f"s{number}"} for number in range(600)]}
"""What the costly filter takes some 10,000 steps to look at."""


@pytest.fixture
def system() -> System:
    return System()


class Spent:
    """Counts every step that any allowance pays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        pay = allowances.Allowance.pay

        def counted(allowance: allowances.Allowance, steps: int) -> None:
            self.steps += min(steps, allowance.left)
            pay(allowance, steps)

        monkeypatch.setattr(allowances.Allowance, "pay", counted)


def heavy(system: System, count: int, **overrides: object) -> None:
    for _ in range(count):
        system.webhook(filter=COSTLY, **overrides)


def test_costly_filters_take_little_of_the_lane_and_are_evaluated_in_the_queue(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy(system, 30)
    matching = system.webhook(filter="data.items[0].a == `0`")
    victim = system.webhook(tenant=VICTIM)
    costly = [system.publish(data=LARGE) for _ in range(5)]
    others = [system.publish(tenant=VICTIM) for _ in range(20)]
    spent = Spent(monkeypatch)
    outcomes = system.fan_out([*costly, *others], "run")
    assert spent.steps <= SMALL_STEPS + 20 * SMALL_STEPS // 4
    assert all(isinstance(outcome, FannedOut) for outcome in outcomes)
    assert system.statuses(others, victim) == {Status.CREATED}
    assert system.engine.fan_out_queue.messages
    assert {each.group for each in system.engine.fan_out_queue.messages} == {TENANT}
    system.run_steps()
    assert system.statuses(costly, matching) == {Status.CREATED}


def test_a_tenant_found_to_be_heavy_is_not_looked_at_again_for_a_minute(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy(system, 30)
    system.fan_out([system.publish(data=LARGE)], "run")
    spent = Spent(monkeypatch)
    system.fan_out([system.publish(data=LARGE) for _ in range(50)], "another run")
    assert spent.steps == 0
    system.clock.advance(MINUTE)
    system.fan_out([system.publish(data=LARGE)], "a later run")
    assert 0 < spent.steps <= SMALL_STEPS


def test_the_filter_of_a_webhook_with_many_patterns_is_evaluated_once(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested = ".".join("abcdefghijklmnopqrstu")
    patterns = [nested, *(nested[: 2 * length] + "*" for length in range(1, 21)), "*"]
    webhook = system.webhook(events=tuple(patterns), filter="length(data.items) > `0`")
    system.engine.webhooks_table.versions([TENANT])
    event = system.publish(type=nested, data=LARGE)
    spent = Spent(monkeypatch)
    system.run_stream()
    system.run_steps()
    assert system.status(event, webhook) is Status.CREATED
    assert spent.steps < 22 * 600 + 10_000


def test_an_event_whose_filters_take_too_much_is_set_aside_and_one_call_goes_on(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookline.services.fan_out.continue_fan_out.MOST_STEPS", 100_000)
    heavy(system, 40)
    last = system.webhook()
    event = system.publish(data=LARGE)
    system.run_stream()
    system.run_steps()
    (letter,) = system.engine.stream_dead_letter_queue.messages
    assert letter.reason is not None
    assert "filters of its tenant are too costly" in letter.reason
    record = system.engine.fan_outs.get(TENANT, event.accepted_at, event.id)
    assert record is not None
    assert record.stopped == letter.reason
    system.pass_time(LEASE + 2 * MINUTE)
    assert not system.engine.fan_out_queue.messages
    for _ in range(9):
        system.engine.stream_dead_letter_queue.move_all_to(system.engine.fan_out_queue)
        system.run_steps()
    assert system.status(event, last) in (Status.CREATED, Status.SUCCESS)
    record = system.engine.fan_outs.get(TENANT, event.accepted_at, event.id)
    assert record is not None
    assert not record.open


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


def test_a_subscription_that_nobody_can_evaluate_fails_only_itself(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = system.webhook(), system.webhook()
    table = system.engine.webhooks_table
    subscription = table._subscriptions[TENANT, "*"][broken.id]
    table._subscriptions[TENANT, "*"][broken.id] = replace(subscription, filter=7)  # type: ignore[arg-type] # broken by hand
    event = system.publish()
    with caplog.at_level(logging.ERROR):
        (outcome,) = system.fan_out([event], "run")
    assert isinstance(outcome, FannedOut)
    assert outcome.passed_over == 1
    assert system.status(event, fine) is Status.CREATED
    assert "subscription.passed_over" in caplog.text


def test_a_webhook_is_heard_from_its_answer_on_although_others_are_kept_in_memory(
    system: System,
) -> None:
    first = system.webhook()
    system.fan_out([system.publish()], "run")
    second = system.webhook()
    event = system.publish()
    system.fan_out([event], "another run")
    assert {system.status(event, each) for each in (first, second)} == {Status.CREATED}
    system.edit(first, enabled=False)
    later = system.publish()
    assert system.fan_out([later], "a later run") == [
        FannedOut(1, (system.delivery(later, second).key.id,))
    ]


def test_matching_few_of_many_reads_none_of_them_once_they_are_known(system: System) -> None:
    webhooks = [
        system.webhook(scope=Scope(projects=frozenset({f"p{number}"}))) for number in range(1_500)
    ]
    first, second = system.publish(project="p7"), system.publish(project="p1499")
    system.fan_out([first], "run")
    system.run_steps()
    names = system.engine.steps.names
    before = names["subscriptions.page"]
    system.clock.advance(MINUTE)
    outcome, *_ = system.fan_out([second], "another run")
    assert names["subscriptions.page"] == before
    assert outcome == FannedOut(1, (system.delivery(second, webhooks[1499]).key.id,))
    assert system.status(first, webhooks[7]) is Status.CREATED


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


@pytest.mark.slow
def test_an_event_to_very_many_is_matched_page_by_page_in_bounded_memory(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookline.services.fan_out.subscribers.MOST_KEPT", 2_000)
    webhooks = [system.webhook() for _ in range(4_500)]
    event = system.publish()
    system.run_stream()
    system.run_steps()
    assert {system.status(event, webhook) for webhook in webhooks} == {Status.CREATED}
    kept = system.continue_fan_out._subscribers._kept.values()
    assert sum(each.size for each in kept) <= 2_000 + len(kept)
    record = system.engine.fan_outs.get(TENANT, event.accepted_at, event.id)
    assert record is not None
    assert record.matched_count == 4_500


FILTERS = [None, COSTLY, "data.items[*].a | sort(@) | [0] == `0`", "data.x == `1`"]
WEBHOOKS: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.builds(
        dict,
        filter=st.sampled_from(FILTERS),
        scope=st.sampled_from([Scope(), Scope(projects=frozenset({"p"}))]),
        context=st.sampled_from([None, "a/b"]),
        events=st.sampled_from([("*",), ("flow.*", "*"), ("flow.executed", "flow.*", "*")]),
    ),
    max_size=150,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mine=WEBHOOKS, events=st.integers(1, 40))
def test_whatever_a_tenants_webhooks_are_they_take_a_bounded_share_of_each_batch(
    mine: list[dict[str, object]], events: int
) -> None:
    system = System()
    for document in mine:
        system.webhook(**document)
    victim = system.webhook(tenant=VICTIM)
    theirs = [system.publish(data=LARGE) for _ in range(events)]
    others = [system.publish(tenant=VICTIM) for _ in range(10)]
    with pytest.MonkeyPatch.context() as patch:
        spent = Spent(patch)
        outcomes = system.fan_out([*theirs, *others], "run")
        of_victim = 10 * 2_000
        assert spent.steps <= SMALL_STEPS + of_victim
    assert not any(isinstance(outcome, NotDone | LeftOver) for outcome in outcomes)
    assert system.statuses(others, victim) == {Status.CREATED}
    created = sum(one.key.tenant == TENANT for one in system.engine.deliveries_table.all())
    assert created <= max(SMALL_MATCHES * events, 500)
    ends_as_one_by_one(system, theirs)


def ends_as_one_by_one(system: System, events: Sequence[Event]) -> None:
    """The queue goes on, and each event reaches just those that its own webhooks ask for."""
    system.run_steps()
    mine = [each for each in system.engine.webhooks_table.all() if each.tenant == TENANT]
    for event in events[:2]:
        expected = {
            each.id
            for each in mine
            if isinstance(explain(event, Interest.of_webhook(each)), Matched)
        }
        found = {
            one.key.webhook_id
            for one in system.engine.deliveries_table.all()
            if one.event_id == event.id
        }
        assert found == expected
    again = system.fan_out(list(events), "a repeat")
    assert set(again) == {AlreadyClaimed()}


def test_one_event_for_many_webhooks_is_a_crowd_that_lets_others_by(system: System) -> None:
    for _ in range(10 * SMALL_MATCHES):
        system.webhook()
    victim = system.webhook(tenant=VICTIM)
    system.publish()
    system.run_stream()
    system.run_steps()
    event = system.publish(tenant=VICTIM)
    system.run_stream()
    before_it = [message.body for message in system.engine.delivery_queue.receive(10_000)]
    place = next(place for place, body in enumerate(before_it) if victim.id in body)
    assert system.status(event, victim) is Status.CREATED
    assert len(before_it) == 10 * SMALL_MATCHES + 1
    assert place <= SMALL_MATCHES + 1
