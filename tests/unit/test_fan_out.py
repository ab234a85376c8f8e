from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.event.patterns import patterns_for
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import Scope
from hookline.errors import Unavailable
from hookline.services.fan_out.claims import CLAIMS_AT_ONCE
from hookline.services.fan_out.fan_out import AlreadyClaimed, FannedOut, NotDone
from hookline.services.fan_out.subscribers import Subscribers
from hookline_fanout.wiring import fan_out_over
from tests.builders import TENANT, WEBHOOK_ID, an_event
from tests.engine.crashes import crash_at
from tests.engine.steps import Call, Moment, Partly, never_sent, reply_lost
from tests.engine.system import Crash, System
from tests.engine.wiring import stack_over


def test_an_event_becomes_one_delivery_for_each_webhook_it_is_for(system: System) -> None:
    first, second = system.webhook(), system.webhook(events=("flow.*", "flow.executed", "*"))
    system.webhook(events=("user.*",))
    event = system.publish(type="flow.executed")
    system.run_stream()
    assert system.statuses_of(event, first, second) == [Status.CREATED] * 2
    assert len(system.engine.delivery_queue.messages) == 2
    delivery = system.delivery(event, first)
    assert delivery.created_at == event.accepted_at
    assert delivery.expires_at == event.accepted_at + first.retry.max_age


def test_messages_are_grouped_by_webhook_so_that_the_queue_is_fair(system: System) -> None:
    webhook = system.webhook()
    system.publish()
    system.run_stream()
    assert [each.group for each in system.engine.delivery_queue.messages] == [webhook.id]


def test_an_event_for_nobody_is_done_with_and_listed(system: System) -> None:
    event = system.publish()
    assert system.fan_out([event], "run") == [FannedOut(0)]
    assert system.engine.fan_outs.get(TENANT, event.accepted_at, event.id) is not None


def test_scope_and_filter_narrow_what_a_webhook_gets(system: System) -> None:
    scoped = system.webhook(scope=Scope(projects=frozenset({"p1"})), filter="data.rows > `10`")
    system.publish(project="p2", data={"rows": 11})
    system.publish(project="p1", data={"rows": 9})
    meant = system.publish(project="p1", data={"rows": 11})
    system.run_stream()
    assert system.statuses_of(meant, scoped) == [Status.CREATED]
    assert len(system.engine.delivery_queue.messages) == 1


def test_a_webhook_that_is_off_gets_no_delivery(system: System) -> None:
    webhook = system.webhook()
    system.edit(webhook, enabled=False)
    system.publish()
    system.run_stream()
    assert not system.engine.delivery_queue.messages


def test_star_takes_no_operational_events_and_their_name_does(system: System) -> None:
    system.webhook(events=("*",))
    named = system.webhook(events=("hookline.*",))
    event = system.publish(type="hookline.delivery.failed")
    system.run_stream()
    assert system.statuses_of(event, named) == [Status.CREATED]
    assert len(system.engine.delivery_queue.messages) == 1


def test_activation_is_computed_once_for_each_context_and_frozen(system: System) -> None:
    inside = system.webhook(context="prod/mobile", user="joe")
    plain = system.webhook()
    feature = {
        "id": "f1",
        "name": "summer",
        "strategies": {"": {"enabled": False}, "prod": {"enabled": True}},
    }
    event = system.publish(feature=feature)
    system.run_stream()
    assert system.delivery(event, inside).activation == {"active": True}
    assert system.delivery(event, plain).activation == {"active": False}  # for nobody in particular


def test_a_targeted_event_reaches_its_webhook_and_no_other(system: System) -> None:
    target = system.webhook(events=("other",))
    system.webhook()
    event = system.publish(target=target.id)
    system.run_stream()
    assert system.statuses_of(event, target) == [Status.CREATED]
    assert len(system.engine.delivery_queue.messages) == 1


def test_an_event_for_a_deleted_target_is_for_nobody(system: System) -> None:
    assert system.fan_out([an_event(target=WEBHOOK_ID)], "run") == [FannedOut(0)]


def test_a_second_run_of_the_same_event_does_nothing(system: System) -> None:
    webhook = system.webhook()
    event = system.publish()
    system.run_everything()
    assert system.fan_out([event], "another run") == [AlreadyClaimed()]
    system.run_everything()
    assert system.statuses_of(event, webhook) == [Status.SUCCESS]
    assert len(system.endpoints.calls) == 1


def test_a_batch_asks_for_the_version_once_and_fills_its_batches(system: System) -> None:
    for _ in range(3):
        system.webhook()
    events = [system.publish() for _ in range(20)]
    system.fan_out(events, "run")
    names = system.engine.steps.names
    assert names["subscriptions.versions"] == 1
    assert names["subscriptions.page"] == len(patterns_for(events[0].type))
    assert names["fan_outs.claim"] == 20
    assert names["new_deliveries.create_some"] == 1
    assert names["first_attempts.send"] == 1
    system.fan_out([system.publish() for _ in range(20)], "another run")
    assert names["subscriptions.versions"] == 2
    assert names["subscriptions.page"] == len(patterns_for(events[0].type))


def test_what_could_not_be_claimed_is_given_back_and_other_tenants_are_finished(
    system: System,
) -> None:
    tenants = [TENANT, TenantId("globex"), TENANT, TenantId("initech")]
    webhooks = {tenant: system.webhook(tenant=tenant) for tenant in tenants}
    events = [system.publish(tenant=tenant) for tenant in tenants]
    system.engine.steps.hook = never_sent("fan_outs.claim", 1)
    outcomes = system.fan_out(events, "run")
    assert [type(outcome) for outcome in outcomes] == [NotDone, FannedOut, NotDone, FannedOut]
    for event in (events[1], events[3]):
        assert system.statuses_of(event, webhooks[event.tenant]) == [Status.CREATED]
    assert len(system.engine.delivery_queue.messages) == 2
    again = system.fan_out(events, "another run")
    expected = [FannedOut, AlreadyClaimed, FannedOut, AlreadyClaimed]
    assert [type(outcome) for outcome in again] == expected


def test_an_outage_is_met_by_few_claims(system: System) -> None:
    tenants = [TenantId(f"tenant-{number}") for number in range(20)]
    events = [system.publish(tenant=tenant) for tenant in tenants]

    def outage(call: Call, moment: Moment) -> None:
        if call.name == "fan_outs.claim" and moment is Moment.BEFORE:
            raise Unavailable("PutItem: ThrottlingException")

    system.engine.steps.hook = outage
    outcomes = system.fan_out(events, "run")
    assert outcomes == [NotDone("PutItem: ThrottlingException")] * len(events)
    assert system.engine.steps.names["fan_outs.claim"] <= CLAIMS_AT_ONCE


class LastFirst:
    """`Concurrently` whose results come in the opposite order."""

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]:
        return reversed([function(item) for item in items])


def test_each_event_has_its_own_outcome_in_whatever_order_claims_come_back(system: System) -> None:
    webhook = system.webhook()
    events = [system.publish() for _ in range(2 * CLAIMS_AT_ONCE + 3)]
    taken = events[7]
    system.fan_out([taken], "another run")
    ports = stack_over(system.engine, concurrently=LastFirst())
    subscribers = Subscribers(ports.subscriptions, ports.subscriptions, ports.clock)
    outcomes = fan_out_over(ports, subscribers)(events, "run")
    assert outcomes[7] == AlreadyClaimed()
    for event, outcome in zip(events, outcomes, strict=True):
        if event is not taken:
            assert outcome == FannedOut(1, (system.delivery(event, webhook).key.id,))


def test_a_claim_whose_reply_got_lost_is_mended_after_its_lease(system: System) -> None:
    webhook = system.webhook()
    event = system.publish()
    system.engine.steps.hook = reply_lost("fan_outs.claim")
    system.run_stream()
    assert system.stream == [event]
    system.run_everything()
    assert not system.endpoints.calls
    system.pass_time(LEASE + timedelta(minutes=2))
    assert system.statuses_of(event, webhook) == [Status.SUCCESS]
    assert len(system.endpoints.calls) == 1


STEPS_OF_A_FAN_OUT = [
    *("subscriptions.versions", "subscriptions.page", "fan_outs.claim"),
    *("new_deliveries.create_some", "first_attempts.send"),
]


@pytest.mark.parametrize("name", STEPS_OF_A_FAN_OUT)
@pytest.mark.parametrize("moment", list(Moment))
def test_a_crash_at_any_step_loses_nothing_and_repeats_nothing(
    system: System, name: str, moment: Moment
) -> None:
    webhooks = [system.webhook() for _ in range(3)]
    event = system.publish()
    system.engine.steps.hook = crash_at(name, moment)
    with pytest.raises(Crash):
        system.run_stream()
    system.start()
    system.run_everything()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert system.statuses_of(event, *webhooks) == [Status.SUCCESS] * 3
    assert len(system.endpoints.calls) == 3


def test_a_batch_written_half_is_completed_by_the_sweep(system: System) -> None:
    webhooks = [system.webhook() for _ in range(5)]
    event = system.publish()

    def half(call: Call, moment: Moment) -> Partly | None:
        written = call.name == "new_deliveries.create_some" and call.number == 1
        return Partly(2) if written and moment is Moment.BEFORE else None

    system.engine.steps.hook = half
    system.run_stream()
    system.run_everything()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert system.statuses_of(event, *webhooks) == [Status.SUCCESS] * 5
    assert len(system.endpoints.calls) == 5


def test_purged_first_attempts_are_found_by_the_sweep(system: System) -> None:
    webhook = system.webhook()
    events = [system.publish() for _ in range(30)]
    system.run_stream()
    system.engine.delivery_queue.purge()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert {system.delivery(event, webhook).status for event in events} == {Status.SUCCESS}
    assert len(system.endpoints.calls) == 30
