"""The port `Snapshots`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.ids import EventId, WebhookId
from tests.builders import (
    NOW,
    TENANT,
    WEBHOOK_ID,
    a_delivery,
    a_health,
    a_task,
    a_webhook,
    an_event,
    an_id,
)
from tests.contract.ports import RETENTION, SHARDED, Ports, on_aws, ports_over
from tests.worlds.resources import table_name

ports = ports_over("memory", *SHARDED)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


def test_a_snapshot_holds_all_that_an_attempt_needs(ports: Ports) -> None:
    event, webhook, delivery = an_event(), a_webhook(), a_delivery()
    ports.events.accept(event)
    ports.webhook_changes.create(webhook)
    ports.new_deliveries.create([delivery])
    health = ports.health.add_failures(TENANT, WEBHOOK_ID, [delivery.key.id], NOW)
    assert list(ports.snapshots.load([a_task(delivery)])) == [
        Snapshot(delivery=delivery, webhook=webhook, health=health, event=event)
    ]


def test_what_is_gone_is_none(ports: Ports) -> None:
    assert list(ports.snapshots.load([a_task()])) == [
        Snapshot(delivery=None, webhook=None, health=a_health(), event=None)
    ]


def test_no_tasks_have_no_snapshots(ports: Ports) -> None:
    assert list(ports.snapshots.load([])) == []


def test_snapshots_come_in_the_order_of_the_tasks(ports: Ports) -> None:
    webhooks = [a_webhook(id=WebhookId(an_id("wh"))) for _ in range(3)]
    events = [an_event(id=EventId(an_id("evt"))) for _ in range(20)]
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    for event in events:
        ports.events.accept(event)
    pairs = [(webhook, event) for event in events for webhook in webhooks]
    deliveries = [a_delivery(webhook_id=webhook.id, event_id=event.id) for webhook, event in pairs]
    ports.new_deliveries.create(deliveries)
    tasks = [a_task(delivery) for delivery in deliveries]
    assert list(ports.snapshots.load([*tasks, tasks[0]])) == [
        Snapshot(delivery, webhook, a_health(webhook_id=webhook.id), event)
        for delivery, (webhook, event) in [
            *zip(deliveries, pairs, strict=True),
            (deliveries[0], pairs[0]),
        ]
    ]


def test_what_has_expired_is_gone(ports: Ports) -> None:
    ports.events.accept(an_event())
    ports.new_deliveries.create([a_delivery()])
    ports.clock.advance(RETENTION - timedelta(seconds=1))
    (snapshot,) = ports.snapshots.load([a_task()])
    assert isinstance(snapshot, Snapshot)
    assert None not in (snapshot.event, snapshot.delivery)
    ports.clock.advance(timedelta(seconds=1))
    (snapshot,) = ports.snapshots.load([a_task()])
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.event, snapshot.delivery) == (None, None)


def test_an_event_that_a_lagging_read_does_not_have_yet_is_read_again(
    dynamodb: DynamoDBClient, sqs: SQSClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message may be faster than the copy of the event that is read at half the price."""
    ports = on_aws(dynamodb, sqs)
    event = an_event()
    ports.events.accept(event)
    ask, events = dynamodb.batch_get_item, table_name("events")
    consistently: list[bool] = []

    def lagging(**parameters: Any) -> Any:
        answer = ask(**parameters)
        for table, request in parameters["RequestItems"].items():
            if table == events:
                consistently.append(request["ConsistentRead"])
                if not request["ConsistentRead"]:
                    answer["Responses"][table] = []
        return answer

    monkeypatch.setattr(dynamodb, "batch_get_item", lagging)
    (snapshot,) = ports.snapshots.load([a_task()])
    assert isinstance(snapshot, Snapshot)
    assert snapshot.event == event
    assert consistently == [False, True]
