"""What senders ask of AWS because a call keeps them waiting, or a table left something out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue, SqsFirstAttempts, SqsMoreMessages
from hookline.domain.delivery.deciding import Snapshot
from hookline.domain.delivery.tasks import delivery_message
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.errors import Unavailable
from hookline.ports.sending import FirstAttempts, MoreMessages, Unread
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
from tests.contract.faults import Watched
from tests.contract.ports import Ports, on_aws
from tests.engine.engine import Engine
from tests.worlds.resources import create_queues, table_name

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

KEY = (TENANT, WEBHOOK_ID)
A_MOMENT = timedelta(seconds=1)


# -- that an endpoint is slow ----------------------------------------------------------------------


def test_what_is_told_to_be_slow_is_so_for_whoever_reads_next(ports: Ports) -> None:
    ports.health.mark_slow(TENANT, WEBHOOK_ID, NOW)
    assert list(ports.health.get_many([KEY])) == [a_health(slow_at=NOW)]
    ports.health.mark_slow(TENANT, WEBHOOK_ID, NOW + A_MOMENT)
    assert list(ports.health.get_many([KEY])) == [a_health(slow_at=NOW + A_MOMENT)]


def test_being_slow_takes_no_failure_away_and_is_no_change_that_others_lose_to(
    ports: Ports,
) -> None:
    before = ports.health.add_failures(TENANT, WEBHOOK_ID, [a_delivery().key.id], NOW)
    ports.health.mark_slow(TENANT, WEBHOOK_ID, NOW + A_MOMENT)
    after = replace(before, has_waiting=True, waiting_marked_at=NOW)
    assert ports.health.replace(before, after)
    (stored,) = ports.health.get_many([KEY])
    assert stored == replace(after, slow_at=NOW + A_MOMENT, version=stored.version)
    assert stored.consecutive_failures == 1


# -- what a throttled table leaves out -------------------------------------------------------------


@pytest.fixture
def leave_out(
    aws_environment: None, sqs: SQSClient
) -> tuple[Ports, Callable[[str, dict[str, str]], None]]:
    """Ports over AWS, and what has a table leave an item out of all its batches."""
    client = Clients(validate=True).dynamodb()
    hot: list[tuple[str, dict[str, Any]]] = []

    def unprocessed(parsed: dict[str, Any], **_: object) -> None:
        for table, key in hot:
            items = parsed["Responses"].get(table, [])
            there = [item for item in items if key.items() <= item.items()]
            if there:
                items.remove(there[0])
                left = parsed.setdefault("UnprocessedKeys", {})
                left.setdefault(table, {"Keys": []})["Keys"].append(key)

    client.meta.events.register_last("after-call.dynamodb.BatchGetItem", unprocessed)

    def out(table: str, key: dict[str, str]) -> None:
        hot.append((table_name(table), {name: {"S": value} for name, value in key.items()}))

    return on_aws(client, sqs), out


def test_an_item_that_a_table_leaves_out_costs_those_that_need_it_alone(
    leave_out: tuple[Ports, Callable[[str, dict[str, str]], None]],
) -> None:
    ports, out = leave_out
    webhooks = [a_webhook(id=WebhookId(an_id("wh"))) for _ in range(3)]
    events = [an_event(id=EventId(an_id("evt"))) for _ in range(2)]
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    for event in events:
        ports.events.accept(event)
    pairs = [(webhook, event) for webhook in webhooks for event in events]
    deliveries = [a_delivery(webhook_id=webhook.id, event_id=event.id) for webhook, event in pairs]
    ports.new_deliveries.create(deliveries)
    hot = deliveries[0].key
    out("deliveries", {"log": f"{hot.tenant}#{hot.webhook_id}#0", "id": hot.id})
    out("webhooks", {"tenant": TENANT, "item": webhooks[1].id})
    found = list(ports.snapshots.load([a_task(delivery) for delivery in deliveries]))
    assert [isinstance(one, Unread) for one in found] == [True, False, True, True, False, False]
    webhook, event = pairs[1]
    health = a_health(webhook_id=webhook.id)
    assert found[1] == Snapshot(deliveries[1], webhook, health, event)


# -- more messages ---------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "aws"])
def queue(request: pytest.FixtureRequest) -> tuple[FirstAttempts, MoreMessages]:
    if request.param == "memory":
        engine = Engine()
        return engine.first_attempts, engine.more_first_attempts
    client = request.getfixturevalue("sqs")
    url = create_queues(client, "deliveries")["deliveries"]
    return SqsFirstAttempts(Queue(client, url)), SqsMoreMessages(client, url)


def test_more_messages_come_as_lambda_would_hand_them_over(
    queue: tuple[FirstAttempts, MoreMessages],
) -> None:
    first_attempts, more = queue
    task = a_task()
    first_attempts.send([task])
    (record,) = more.receive(10)
    assert record["body"] == delivery_message(task)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["eventSourceARN"].rpartition("-")[2] == "deliveries"
    assert record["messageId"]
    assert record["receiptHandle"]


def test_no_more_are_taken_than_there_is_room_for_and_nobody_else_gets_those(
    queue: tuple[FirstAttempts, MoreMessages],
) -> None:
    first_attempts, more = queue
    first_attempts.send([a_task(a_delivery(webhook_id=an_id("wh"))) for _ in range(7)])
    taken = [*more.receive(4), *more.receive(10), *more.receive(10)]
    assert len({record["messageId"] for record in taken}) == len(taken) == 7


def test_what_is_done_with_does_not_come_back(queue: tuple[FirstAttempts, MoreMessages]) -> None:
    first_attempts, more = queue
    first_attempts.send([a_task(a_delivery(webhook_id=an_id("wh"))) for _ in range(12)])
    taken = [*more.receive(10), *more.receive(10)]
    more.delete([record["receiptHandle"] for record in taken])
    assert list(more.receive(10)) == []


def test_a_queue_that_does_not_answer_is_told_as_unavailable(aws_environment: None) -> None:
    client = Clients(validate=True).sqs()
    url = create_queues(client, "deliveries")["deliveries"]
    watched = Watched(client)
    watched.never_sent["ReceiveMessage"] = 9
    with pytest.raises(Unavailable):
        SqsMoreMessages(client, url).receive(10)


def test_health_that_a_table_leaves_out_keeps_no_other_from_being_read(
    leave_out: tuple[Ports, Callable[[str, dict[str, str]], None]],
) -> None:
    ports, out = leave_out
    hot, failing, fine = (WebhookId(an_id("wh")) for _ in range(3))
    for webhook_id in (hot, failing):
        ports.health.add_failures(TENANT, webhook_id, [DeliveryId(an_id("dlv"))], NOW)
    out("webhook-health", {"tenant": TENANT, "webhook_id": hot})
    found = ports.health.get_some([(TENANT, each) for each in (hot, failing, fine)])
    assert [each.webhook_id for each in found] == [failing, fine]
    assert [each.last_failure_at for each in found] == [NOW, None]
