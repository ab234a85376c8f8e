"""A deleted webhook's deliveries, wherever they wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hookline.domain.delivery.delivery import Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import TENANT
from tests.engine.endpoints import answering
from tests.engine.system import System


def test_within_a_minute_its_parked_deliveries_are_cancelled_too(system: System) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(initial_delay=timedelta(hours=6)))
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    health_table = system.engine.health_table
    (health,) = health_table.get_many([(TENANT, webhook.id)])
    health_table.replace(
        health, replace(health, has_waiting=True, waiting_marked_at=system.clock())
    )
    system.delete(webhook)
    system.pass_time(timedelta(minutes=1))
    assert system.status(event, webhook) is Status.CANCELLED


def test_it_is_looked_after_for_a_lease_and_then_forgotten(system: System) -> None:
    webhook = system.webhook()
    health_table = system.engine.health_table
    (health,) = health_table.get_many([(TENANT, webhook.id)])
    health_table.replace(
        health, replace(health, has_waiting=True, waiting_marked_at=system.clock())
    )
    system.delete(webhook)
    system.pass_time(LEASE - timedelta(minutes=1))
    assert [each.webhook_id for each in health_table.with_waiting()] == [webhook.id]
    system.pass_time(timedelta(minutes=2))
    assert not list(health_table.with_waiting())
