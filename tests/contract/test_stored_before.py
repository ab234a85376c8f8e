"""What the version before stored and sent reads as it was meant, and its upgrade loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.delivery import deliveries
from hookline.adapters.dynamo.event import events, fan_out_item
from hookline.adapters.dynamo.inbound import message_item
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.adapters.dynamo.webhook import subscription_item
from hookline.domain.delivery.delivery import ResponseRecord, Status
from hookline.domain.fan_out.fan_out import FanOutTask, parse_fan_out_message
from hookline.domain.ids import EventId, FunctionId, WebhookId, delivery_id
from hookline.domain.inbound.message import Execution, Progress
from hookline.domain.lease import Lease
from hookline.domain.shards import ONE
from hookline.domain.times import iso
from hookline.ports.deliveries import Replaced
from hookline.ports.events import Bookmark
from hookline.ports.inbound import Claimed
from tests.builders import (
    EVENT_ID,
    NOW,
    TENANT,
    a_delivery,
    a_fan_out,
    a_match,
    a_subscription,
    an_attempt,
    an_event,
    an_id,
)
from tests.contract.inbound_stores import CLAIM
from tests.contract.inbound_stores import on_aws as on_aws_inbound
from tests.contract.ports import RETENTION, Ports, on_aws
from tests.inbound_builders import a_call, a_message
from tests.worlds.resources import table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

NEW = {"open", "reached", "spent", "stopped", "moved_at", "finished"}
"""What items of fan-outs have since."""


@pytest.fixture
def client(aws_environment: None) -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@pytest.fixture
def ports(client: DynamoDBClient, sqs: SQSClient) -> Ports:
    return on_aws(client, sqs)


def test_a_large_fan_out_is_matched_to_its_end_and_its_chunks_can_be_had(
    ports: Ports, client: DynamoDBClient
) -> None:
    fan_out = a_fan_out(further_chunks=1, matched_count=2)
    record = fan_out_item.to_item(fan_out, RETENTION, ONE)
    match = a_match(webhook_id=WebhookId(an_id("wh")))
    chunk = {
        **keys.fan_out_chunk(fan_out, 1, ONE),
        "matches": [{"webhook_id": match.webhook_id, "max_age_seconds": 864_000.0}],
        "ttl": record["ttl"],
    }
    for item in (record, chunk):
        before = {name: value for name, value in item.items() if name not in NEW}
        client.put_item(TableName=table_name("fan-outs"), Item=to_wire(before))
    read = ports.fan_outs.get(TENANT, NOW, EVENT_ID)
    assert read == fan_out
    assert not read.open
    assert tuple(ports.fan_outs.chunk(read, 1)) == (replace(match, max_age=timedelta(days=10)),)
    assert ports.fan_outs.lease(read, 1, "run", NOW) is Lease.FIRST


def test_a_step_asks_for_its_chunk() -> None:
    body = f'{{"tenant":"acme","event_id":"e1","accepted_at":"{iso(NOW)}","chunk":3}}'
    task = parse_fan_out_message(body)
    assert task == FanOutTask(task.tenant, task.event_id, NOW, 3)


def test_subscriptions_of_a_tenant_without_a_version_are_found(
    ports: Ports, client: DynamoDBClient
) -> None:
    subscription = a_subscription(pattern="*")
    item = to_wire(subscription_item.to_item(subscription))
    client.put_item(TableName=table_name("subscriptions"), Item=item)
    assert ports.subscriptions.versions([TENANT]) == {TENANT: None}
    assert list(ports.subscriptions.page(TENANT, "*", 10, None).subscriptions) == [subscription]


def test_a_bookmark_moves_on_from_where_it_was(ports: Ports, client: DynamoDBClient) -> None:
    item = {**keys.bookmark(TENANT), "accepted": keys.accepted(NOW, EVENT_ID)}
    client.put_item(TableName=table_name("schedule"), Item=to_wire(item))
    before = Bookmark(NOW, EVENT_ID)
    assert ports.bookmarks.get(TENANT) == before
    after = Bookmark(NOW + timedelta(seconds=1), EVENT_ID, aside=((NOW, EVENT_ID, 1),))
    assert ports.bookmarks.move(TENANT, before, after)
    assert ports.bookmarks.get(TENANT) == after


TEXT = '{"sku":"sku-00001","quantity":1},' * 60
BODY = {"lines": TEXT}


def is_binary(client: DynamoDBClient, table: str, *path: str) -> bool:
    (item,) = client.scan(TableName=table_name(table))["Items"]
    value: Any = {"M": item}
    for name in path:
        value = value["M"][name]
    return "B" in value


def store(client: DynamoDBClient, table: str, item: Item) -> None:
    """Plain, as it was before texts were packed."""
    wire = to_wire(json.loads(json.dumps(item)))
    client.put_item(TableName=table_name(table), Item=wire)


def test_an_event_that_was_stored_plain_is_read_beside_one_that_is_packed(
    ports: Ports, client: DynamoDBClient
) -> None:
    event = an_event(id=EventId("new"), data=BODY)
    assert ports.events.accept(event)
    assert is_binary(client, "events", "data")
    before = an_event(id=EventId("old"), data=BODY)
    store(client, "events", events.to_item(before, RETENTION))
    assert ports.events.get(TENANT, event.id) == event
    assert ports.events.get(TENANT, before.id) == before
    assert not ports.events.accept(before)


def test_deliveries_with_plain_and_packed_bodies_are_read_listed_and_go_on(
    ports: Ports, client: DynamoDBClient
) -> None:
    attempt = an_attempt(response=ResponseRecord(500, (), TEXT, body_truncated=False))
    new = a_delivery(status=Status.RETRYING, attempt_count=1, last_attempt=attempt)
    ports.new_deliveries.create([new])
    assert is_binary(client, "deliveries", "last_attempt", "response", "body")
    event_id = EventId(an_id("evt"))
    key = replace(new.key, id=delivery_id(TENANT, event_id, new.key.webhook_id, NOW))
    before = replace(new, key=key, event_id=event_id)
    store(client, "deliveries", deliveries.to_item(before, RETENTION, ONE))
    stored = ports.deliveries.get_many([new.key, before.key])
    assert stored == {new.key: new, before.key: before}
    listed, _ = ports.delivery_log.page(TENANT, new.key.webhook_id, 9)
    assert {each.key for each in listed} == {new.key, before.key}
    for each in stored.values():
        again = replace(each.last_attempt or attempt, number=2)
        after = replace(each, attempt_count=2, last_attempt=again)
        assert isinstance(ports.delivery_changes.replace(each, after), Replaced)
        assert ports.delivery_log.attempts(after, 2) == [attempt, again]


def test_an_inbound_message_that_was_stored_plain_is_worked_on(
    client: DynamoDBClient,
) -> None:
    message = a_message(call=a_call(body=TEXT.encode()))
    messages = on_aws_inbound(client).messages
    store(client, "inbound-messages", message_item.to_item(message))
    claimed = messages.claim(TENANT, message.id, CLAIM, NOW)
    assert claimed == Claimed(replace(message, tries=1))
    run = Execution(
        function_id=FunctionId("fn_1"), function_name="f", status=Progress.SUCCESS, logs=TEXT
    )
    done = replace(message, executions=(run,))
    assert messages.save(done, CLAIM.holder, release=True)
    stored = messages.get(TENANT, message.id)
    assert stored is not None
    assert (stored.call.body, stored.executions) == (TEXT.encode(), (run,))
