"""Deliveries whose webhook is edited, switched off, deleted or gone."""

from __future__ import annotations

from datetime import timedelta

from hookline.domain.delivery.delivery import OnItsWebhook, Status
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.services.waiting.release_waiting import ReleaseOnceEnabled
from tests.builders import MINUTE, TENANT
from tests.engine.endpoints import CallSeen, answering
from tests.engine.system import System


def test_each_attempt_goes_to_the_webhook_as_it_is_by_then(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.edit(webhook, url="https://example.com/new")
    system.pass_time(MINUTE)
    assert [seen.url for seen in system.endpoints.calls] == [webhook.url, "https://example.com/new"]
    assert system.status(event, webhook) is Status.SUCCESS


def test_while_its_webhook_is_off_a_delivery_is_held_and_then_goes_on(system: System) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    system.pass_time(timedelta(hours=2))
    delivery = system.delivery(event, webhook)
    assert (delivery.status, delivery.waiting) == (
        Status.CREATED,
        OnItsWebhook(event.accepted_at),
    )
    assert not system.engine.delivery_queue.messages
    assert not system.engine.retry_queue.messages
    system.edit(webhook, enabled=True)
    system.pass_time(MINUTE)
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == 1


def test_a_held_delivery_fails_at_its_max_age(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_age=timedelta(hours=1)))
    system.edit(webhook, enabled=False)
    system.pass_time(timedelta(hours=1) + 2 * MINUTE)
    assert system.status(event, webhook) is Status.FAILED
    assert len(system.engine.dead_letter_queue.messages) == 1
    assert not system.endpoints.calls


def test_a_deleted_webhook_s_deliveries_are_cancelled(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.delete(webhook)
    system.pass_time(MINUTE)
    assert system.status(event, webhook) is Status.CANCELLED
    assert len(system.endpoints.calls) == 1


def test_deliveries_held_by_a_webhook_that_is_deleted_are_cancelled(system: System) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    system.run_everything()
    system.delete(webhook)
    system.pass_time(MINUTE)
    assert system.status(event, webhook) is Status.CANCELLED


def test_a_410_switches_the_webhook_off_with_its_reason_and_tells_its_owner(
    system: System,
) -> None:
    listener = system.webhook(events=("hookline.*",))
    webhook, event = system.one_event()
    other = system.publish()
    system.run_stream()
    system.endpoints.tell(webhook.url, answering(410))
    system.run_everything()
    assert {system.status(event, webhook), system.status(other, webhook)} == {
        Status.FAILED,
        Status.CREATED,
    }
    current = system.engine.webhooks.get(TENANT, webhook.id)
    assert current is not None
    assert not current.enabled
    assert current.version == webhook.version + 1
    (health,) = system.engine.health.get_many([(TENANT, webhook.id)])
    assert health.disabled_reason == "the endpoint answered 410 Gone"
    told = [seen.call.headers["X-Hookline-Event"] for seen in system.endpoints.calls]
    assert sorted(told[1:]) == ["hookline.delivery.failed", "hookline.webhook.disabled"]
    assert {seen.url for seen in system.endpoints.calls} == {listener.url, webhook.url}
    assert not system.engine.dead_letter_queue.messages
    system.publish()
    system.run_everything()
    assert sum(seen.url == webhook.url for seen in system.endpoints.calls) == 1


def test_a_410_of_an_address_that_is_no_longer_the_webhook_s_leaves_it_on(system: System) -> None:
    webhook, _ = system.one_event()
    system.endpoints.tell(webhook.url, answering(410))

    def edit_once(_: CallSeen) -> None:
        system.edit(webhook, url="https://example.com/new")
        system.endpoints.during_call = lambda _: None

    system.endpoints.during_call = edit_once
    system.run_everything()
    current = system.engine.webhooks.get(TENANT, webhook.id)
    assert current is not None
    assert current.enabled


def test_switched_on_again_the_first_go_on_at_once_without_waiting_for_a_round(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.edit(webhook, enabled=False)
    system.run_everything()
    on_again = system.edit(webhook, enabled=True)
    go_on(system)(on_again)
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS


def test_switched_on_again_behind_an_open_circuit_they_wait_for_its_probes(
    system: System,
) -> None:
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, answering(500))
    for _ in range(12):
        system.publish()
    system.run_everything()
    calls = system.calls_to(webhook)
    go_on(system)(webhook)
    system.run_everything()
    assert system.calls_to(webhook) == calls


def go_on(system: System) -> ReleaseOnceEnabled:
    return ReleaseOnceEnabled(
        health=system.engine.health, release_waiting=system.release_waiting, clock=system.clock
    )
