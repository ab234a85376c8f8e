"""The stream's lane is never a tenant's: what one of them does delays nobody else's events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.domain.delivery.delivery import Status
from hookline.domain.event.event import Event
from hookline.domain.fan_out.matching import Interest, Matched, explain
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.domain.sandbox import allowance as allowances
from hookline.domain.webhook.webhook import Scope
from hookline.services.fan_out.fan_out import (
    SMALL_MATCHES,
    SMALL_STEPS,
    AlreadyClaimed,
    FannedOut,
    LeftOver,
    NotDone,
)
from tests.builders import MINUTE, TENANT
from tests.engine.system import System

VICTIM = TenantId("victim")
COSTLY = "length(data.items[?a==`3` && s=='x' || a==`9`]) > `99999`"

LARGE = {"items": [{"a": number % 7, "s": f"s{number}"} for number in range(600)]}
"""What the costly filter takes some 10,000 steps to look at."""


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
