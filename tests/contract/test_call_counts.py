"""What the ports cost, counted in calls: the budget that the happy path must keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue
from hookline.adapters.aws.work_queues import SqsInboundQueue
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.fan_out.fan_out import Stretch
from hookline.domain.ids import EventId, MessageId, TenantId
from hookline.domain.shards import ONE
from tests.builders import (
    NOW,
    TENANT,
    WEBHOOK_ID,
    a_delivery,
    a_fan_out,
    a_match,
    a_retrying_delivery,
    a_task,
    a_webhook,
    an_attempt,
    an_event,
    an_id,
)
from tests.contract.faults import Watched
from tests.contract.ports import Ports, on_aws
from tests.worlds.resources import table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Aws:
    """The ports, with a count of the calls they make of either service."""

    ports: Ports
    client: DynamoDBClient
    dynamodb: Watched
    sqs: Watched

    def counting(self) -> Aws:
        """Starts to count now that everything is set up."""
        self.dynamodb.forget()
        self.sqs.forget()
        return self


@pytest.fixture
def on(aws_environment: None) -> Aws:
    dynamodb, sqs = Clients(validate=True).dynamodb(), Clients(validate=True).sqs()
    return Aws(on_aws(dynamodb, sqs), dynamodb, Watched(dynamodb), Watched(sqs)).counting()


def test_an_event_is_accepted_by_one_write(on: Aws) -> None:
    on.ports.events.accept(an_event())
    assert on.dynamodb.calls == {"PutItem": 1}


def test_a_fan_out_is_claimed_by_one_write_and_each_further_chunk_takes_two(on: Aws) -> None:
    fan_out = a_fan_out(open=True)
    on.ports.fan_outs.claim(fan_out)
    assert on.dynamodb.calls == {"PutItem": 1}
    on.counting().ports.fan_outs.extend(fan_out, Stretch((a_match(),), None, finished=True))
    assert on.dynamodb.calls == {"PutItem": 1, "UpdateItem": 1}


def test_a_stretch_that_matched_nothing_is_one_write(on: Aws) -> None:
    fan_out = a_fan_out(open=True)
    on.ports.fan_outs.claim(fan_out)
    on.counting().ports.fan_outs.extend(fan_out, Stretch((), None, finished=True))
    assert on.dynamodb.calls == {"UpdateItem": 1}


@pytest.mark.slow
def test_a_thousand_deliveries_take_40_writes_and_100_sends(on: Aws) -> None:
    deliveries = [a_delivery(webhook_id=an_id("wh")) for _ in range(1_000)]
    on.ports.new_deliveries.create(deliveries)
    on.ports.first_attempts.send([a_task(delivery) for delivery in deliveries])
    assert on.dynamodb.calls == {"BatchWriteItem": 40}
    assert on.sqs.calls == {"SendMessageBatch": 100}


def test_ten_tasks_are_read_by_one_call(on: Aws) -> None:
    deliveries = [a_delivery(event_id=EventId(an_id("evt"))) for _ in range(10)]
    for delivery in deliveries:
        on.ports.events.accept(an_event(id=delivery.event_id))
    on.counting().ports.snapshots.load([a_task(delivery) for delivery in deliveries])
    assert on.dynamodb.calls == {"BatchGetItem": 1}


def test_the_result_of_a_first_attempt_is_one_write_and_in_no_index(on: Aws) -> None:
    before = a_delivery()
    on.ports.new_deliveries.create([before])
    after = replace(
        before,
        status=Status.SUCCESS,
        sequence=1,
        attempt_count=1,
        finished_at=NOW,
        last_attempt=an_attempt(),
    )
    on.counting().ports.delivery_changes.replace(before, after)
    assert on.dynamodb.calls == {"UpdateItem": 1}
    key = to_wire(keys.delivery(before.key, ONE))
    item = on.client.get_item(TableName=table_name("deliveries"), Key=key)["Item"]
    assert not {"waiting_for", "due_at"} & item.keys()


def test_each_further_attempt_is_one_write_more(on: Aws) -> None:
    due = [NOW.replace(hour=hour) for hour in range(13, 17)]
    steps = [
        a_retrying_delivery(
            sequence=number,
            attempt_count=number,
            waiting=OnTheClock(due[number - 1]),
            last_attempt=an_attempt(number=number),
        )
        for number in range(1, 5)
    ]
    on.ports.new_deliveries.create(steps[:1])
    on.counting()
    for before, after in pairwise(steps):
        on.ports.delivery_changes.replace(before, after)
    assert on.dynamodb.calls == {"UpdateItem": 3, "PutItem": 3}


def test_an_update_sends_only_what_changed(on: Aws) -> None:
    before = a_retrying_delivery(waiting=OnTheClock(NOW))
    on.ports.new_deliveries.create([before])
    on.counting().ports.delivery_changes.replace(
        before, replace(before, waiting=OnTheClock(NOW.replace(hour=13)))
    )
    (parameters,) = on.dynamodb.parameters("UpdateItem")
    assert parameters["UpdateExpression"] == "SET #a0 = :n0"
    assert parameters["ExpressionAttributeNames"]["#a0"] == "due_at"


def test_failures_of_a_batch_are_counted_by_one_write(on: Aws) -> None:
    failed = [a_delivery(event_id=EventId(an_id("evt"))).key.id for _ in range(10)]
    on.ports.health.add_failures(TENANT, WEBHOOK_ID, failed, NOW)
    assert on.dynamodb.calls == {"UpdateItem": 1}


def test_a_webhook_is_saved_in_one_transaction_of_what_changed(on: Aws) -> None:
    webhook = a_webhook(events=("a", "b", "c"))
    on.ports.webhook_changes.create(webhook)
    edited = replace(webhook, version=2, events=("b", "c", "d"))
    on.ports.webhook_changes.replace(webhook, edited)
    on.ports.webhook_changes.delete(edited)
    assert on.dynamodb.calls == {"TransactWriteItems": 3}
    acts = [len(each["TransactItems"]) for each in on.dynamodb.parameters("TransactWriteItems")]
    # Configuration, name, version and three subscriptions; configuration with one in and one out,
    # and the version; all.
    assert acts == [6, 4, 6]


def test_an_event_costs_one_query_for_each_pattern_whatever_else_there_is(on: Aws) -> None:
    for _ in range(30):
        on.ports.webhook_changes.create(a_webhook(id=an_id("wh"), events=("other.*",)))
    on.counting().ports.subscriptions.under(TENANT, ["flow.executed", "flow.*", "*"])
    assert on.dynamodb.calls == {"Query": 3}


def test_the_versions_of_a_hundred_tenants_are_one_read(on: Aws) -> None:
    on.ports.webhook_changes.create(a_webhook())
    tenants = [TENANT, *(TenantId(f"tenant-{number}") for number in range(99))]
    versions = on.counting().ports.subscriptions.versions(tenants)
    assert on.dynamodb.calls == {"BatchGetItem": 1}
    assert set(versions) == set(tenants)
    assert [tenant for tenant, version in versions.items() if version is not None] == [TENANT]


def test_a_page_of_the_log_is_one_query_while_it_fits(on: Aws) -> None:
    on.ports.new_deliveries.create([a_delivery(event_id=EventId(an_id("evt"))) for _ in range(120)])
    on.counting().ports.delivery_log.page(TENANT, WEBHOOK_ID, 50)
    assert on.dynamodb.calls == {"Query": 1}


def test_the_progress_of_many_deliveries_is_read_100_to_a_call_and_without_their_bodies(
    on: Aws,
) -> None:
    deliveries = [a_delivery(event_id=EventId(an_id("evt"))) for _ in range(250)]
    on.ports.new_deliveries.create(deliveries)
    on.counting().ports.deliveries.progress([delivery.key for delivery in deliveries])
    assert on.dynamodb.calls == {"BatchGetItem": 3}
    for parameters in on.dynamodb.parameters("BatchGetItem"):
        (request,) = parameters["RequestItems"].values()
        names = request["ExpressionAttributeNames"]
        asked = {names[alias] for alias in request["ProjectionExpression"].split(", ")}
        assert asked == {"log", "id", "status", "attempt_count", "waiting_for", "ttl"}


def test_messages_of_a_tenant_are_queued_anew_ten_to_a_call(on: Aws) -> None:
    client = Clients(validate=True).sqs()
    url = client.create_queue(QueueName="inbound")["QueueUrl"]
    calls = Watched(client)
    ids = [MessageId(an_id("msg")) for _ in range(25)]
    SqsInboundQueue(Queue(client, url)).send_many(TENANT, ids)
    assert calls.calls == {"SendMessageBatch": 3}
