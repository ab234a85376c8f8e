"""What the events table's stream hands to the fan-out."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from hookline.adapters.dynamo.event import events as event_items
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.event.event import Pristine
from hookline.domain.shards import ONE
from hookline.errors import PoisonMessage
from tests.builders import an_event
from tests.engine.clock import FakeClock
from tests.worlds.resources import create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION = timedelta(days=30)


def new_images(dynamodb: DynamoDBClient) -> list[dict[str, Any]]:
    """All that the stream of the events table holds."""
    # moto does not know the streams' addresses that hold the account's id.
    config = Config(account_id_endpoint_mode="disabled")
    streams = boto3.client("dynamodbstreams", config=config)
    arn = dynamodb.describe_table(TableName=table_name("events"))["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    return [dict(record["dynamodb"]["NewImage"]) for record in records]


def test_an_accepted_event_comes_out_of_the_stream_as_it_was(dynamodb: DynamoDBClient) -> None:
    create_tables(dynamodb, "events")
    events = DynamoEvents(
        dynamodb, table_name("events"), RETENTION, FakeClock(), random.randbytes, ONE
    )
    accepted = [
        an_event(),
        an_event(id="e2", data=[1, 2.5, None], pristine=Pristine(b"\xff", "a/b"), test=True),
    ]
    for event in accepted:
        events.accept(event)
    assert [event_items.from_image(image) for image in new_images(dynamodb)] == accepted


def image(**changes: Any) -> dict[str, Any]:
    """An image with some attributes changed, or left out where None."""
    wire = {**to_wire(event_items.to_item(an_event(), RETENTION)), **changes}
    return {name: value for name, value in wire.items() if value is not None}


@pytest.mark.parametrize(
    ("poisoned", "reason"),
    [
        (None, "no new image"),
        ("text", "no new image"),
        ({}, "lacks 'tenant'"),
        (image(type=None), "lacks 'type'"),
        (image(accepted_at={"S": "yesterday"}), "cannot be read"),
        (image(accepted_at={"N": "1"}), "cannot be read"),
        (image(data={"S": "{not json"}), "cannot be read"),
        (image(feature={"S": "[]"}), "feature is not an object"),
        (image(actor={"S": "ada"}), "cannot be read"),
        (image(blob={"B": "AAAA"}), "type B"),
        (image(data={"B": "H4sIAAAA"}), "type B"),
        (image(odd={}), "cannot be read"),
        (image(data={"S": "[" * 100_000}), "cannot be read"),
    ],
)
def test_a_record_that_cannot_be_read_says_what_is_wrong(poisoned: object, reason: str) -> None:
    with pytest.raises(PoisonMessage) as poison:
        event_items.from_image(poisoned)
    assert reason in poison.value.reason
