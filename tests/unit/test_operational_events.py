from __future__ import annotations

from datetime import timedelta

from hookline.domain.webhook.webhook import RetryPolicy
from hookline.services.webhook.operational_events import OperationalEvents
from tests.builders import NOW, a_delivery, a_health, a_webhook
from tests.engine.endpoints import answering
from tests.engine.system import System


def told(system: System) -> list[str]:
    return [event.type for event in system.stream]


def test_nobody_is_told_where_nobody_subscribes(system: System) -> None:
    system.webhook(events=("*",))
    system.tell.created(a_webhook(), NOW)
    assert told(system) == []


def test_a_webhook_s_life_is_told_to_who_subscribes_by_name_or_prefix(system: System) -> None:
    system.webhook(events=("hookline.webhook.created",))
    system.tell.created(a_webhook(), NOW)
    system.tell.updated(a_webhook(version=2), NOW)
    system.webhook(events=("hookline.*",))
    system.tell.updated(a_webhook(version=3), NOW)
    system.tell.deleted(a_webhook(version=3), NOW)
    system.tell.disabled(a_webhook(version=4), "the endpoint answered 410 Gone", NOW)
    assert told(system) == [
        "hookline.webhook.created",
        "hookline.webhook.updated",
        "hookline.webhook.deleted",
        "hookline.webhook.disabled",
    ]
    assert system.stream[-1].data == {
        "webhook_id": a_webhook().id,
        "name": a_webhook().name,
        "version": 4,
        "enabled": True,
        "reason": "the endpoint answered 410 Gone",
    }


def test_the_same_told_twice_is_one_event(system: System) -> None:
    system.webhook(events=("hookline.*",))
    for _ in range(2):
        system.tell.circuit_opened(a_health(version=7))
        system.tell.deliveries_failed([a_delivery(generation=1)])
    assert len(system.stream) == 2


def test_each_generation_that_fails_is_told(system: System) -> None:
    system.webhook(events=("hookline.*",))
    system.tell.deliveries_failed([a_delivery(generation=1)])
    system.tell.deliveries_failed([a_delivery(generation=2)])
    assert len(system.stream) == 2


def test_who_has_just_subscribed_misses_nothing_though_nobody_did_before(system: System) -> None:
    system.tell.deliveries_failed([a_delivery(generation=1)])
    system.webhook(events=("hookline.delivery.failed",))
    system.tell.deliveries_failed([a_delivery(generation=2)])
    assert told(system) == ["hookline.delivery.failed"]


def test_that_somebody_subscribes_is_looked_up_once_a_minute(system: System) -> None:
    system.webhook(events=("hookline.*",))
    tell = OperationalEvents(
        events=system.engine.events,
        subscriptions=system.engine.subscriptions,
        clock=system.clock,
    )
    before = system.engine.steps.names["subscriptions.under"]
    for generation in range(5):
        tell.deliveries_failed([a_delivery(generation=generation)])
    assert system.engine.steps.names["subscriptions.under"] == before + 1


def test_deliveries_of_operational_events_cause_none_however_they_fail(system: System) -> None:
    listener = system.webhook(events=("hookline.*",), retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(listener.url, answering(500))
    failing, _ = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(failing.url, answering(500))
    system.pass_time(timedelta(hours=1))
    assert system.calls_to(failing) == 1
    assert system.calls_to(listener) == 1
