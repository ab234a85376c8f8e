"""What the version before stored and sent reads as it was meant, and its upgrade loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.event import fan_out_item
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook import subscription_item
from hookline.domain.fan_out.fan_out import FanOutTask, parse_fan_out_message
from hookline.domain.ids import WebhookId
from hookline.domain.lease import Lease
from hookline.domain.times import iso
from hookline.ports.events import Bookmark
from tests.builders import EVENT_ID, NOW, TENANT, a_fan_out, a_match, a_subscription, an_id
from tests.contract.ports import RETENTION, Ports, on_aws
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
    record = fan_out_item.to_item(fan_out, RETENTION)
    match = a_match(webhook_id=WebhookId(an_id("wh")))
    chunk = {
        **keys.fan_out_chunk(TENANT, EVENT_ID, fan_out.claim, 1),
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
