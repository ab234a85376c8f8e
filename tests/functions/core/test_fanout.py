"""The fan-out function: records and steps in, tables and queues out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.delivery.delivery import Status
from hookline.domain.fan_out.fan_out import FanOutTask
from hookline.domain.shards import ONE
from tests.functions.core.conftest import (
    WEBHOOK,
    add_webhook,
    delivery_of,
    events_of_the_stream,
    example,
    queued,
)
from tests.functions.written import counted
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack


def numbers_of(event: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]


def test_stream_records_become_deliveries_and_messages(stack: Stack) -> None:
    add_webhook(stack, "https://example.com/hook")
    assert stack.fan_out(example("fanout_stream")) == []
    for event in events_of_the_stream():
        assert delivery_of(stack, event).status is Status.CREATED
    bodies = queued(stack, "deliveries")
    assert {body["webhook_id"] for body in bodies} == {WEBHOOK}
    assert len(bodies) == 2


def test_the_same_records_again_do_nothing(stack: Stack) -> None:
    add_webhook(stack, "https://example.com/hook")
    stack.fan_out(example("fanout_stream"), "run-1")
    queued(stack, "deliveries")
    assert stack.fan_out(example("fanout_stream"), "run-2") == []
    assert queued(stack, "deliveries") == []


def test_a_poisoned_record_is_set_aside_and_the_others_go_on(stack: Stack) -> None:
    add_webhook(stack, "https://example.com/hook")
    event = example("fanout_stream")
    del event["Records"][0]["dynamodb"]["NewImage"]["accepted_at"]
    assert stack.fan_out(event) == []
    (letter,) = queued(stack, "stream-dead-letters")
    assert letter["dynamodb"]["SequenceNumber"] == numbers_of(event)[0]
    assert delivery_of(stack, events_of_the_stream()[1]).status is Status.CREATED


def test_what_expired_by_itself_needs_no_fan_out(stack: Stack) -> None:
    event = example("fanout_stream")
    for record in event["Records"]:
        record["eventName"] = "REMOVE"
        del record["dynamodb"]["NewImage"]
    assert stack.fan_out(event) == []
    assert queued(stack, "stream-dead-letters") == []


def test_records_that_could_not_be_claimed_are_reported_as_failed(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    event = example("fanout_stream")
    stack.overrides["FAN_OUTS_TABLE"] = "no-such-table"
    assert stack.fan_out(event) == numbers_of(event)
    assert counted(capsys, "WorkFailed") == {("fanout", "unavailable"): 2}


def test_a_step_that_could_not_be_taken_is_reported_as_failed(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    event = example("fanout_step")
    stack.overrides["FAN_OUTS_TABLE"] = "no-such-table"
    assert stack.fan_out(event) == [event["Records"][0]["messageId"]]
    assert counted(capsys, "WorkFailed") == {("fanout", "unavailable"): 1}


def test_a_delivery_that_could_not_be_created_at_once_is_created_by_the_next_step(
    stack: Stack,
) -> None:
    add_webhook(stack, "https://example.com/hook")
    stack.fan_out(example("fanout_stream"), "run-1")
    queued(stack, "deliveries")
    event = events_of_the_stream()[0]
    stack.stores.events.accept(event)
    key = to_wire(keys.delivery(delivery_of(stack, event).key, ONE))
    stack.dynamodb.delete_item(TableName=table_name("deliveries"), Key=key)
    step = deepcopy(example("fanout_step"))
    task = FanOutTask(event.tenant, event.id, event.accepted_at, claim="run-1")
    step["Records"][0]["body"] = task.message()
    assert stack.fan_out(step, "run-2") == []
    assert delivery_of(stack, event).status is Status.CREATED
    assert [body["event_id"] for body in queued(stack, "deliveries")] == [event.id]


def test_a_step_of_an_expired_fan_out_is_done_with(stack: Stack) -> None:
    assert stack.fan_out(example("fanout_step")) == []


def test_a_poisoned_step_is_set_aside(stack: Stack) -> None:
    event = deepcopy(example("fanout_step"))
    event["Records"][0]["body"] = "{"
    assert stack.fan_out(event) == []
    assert stack.count("stream-dead-letters") == 1


def test_lambda_is_told_which_records_must_come_again(stack: Stack) -> None:
    event = example("fanout_stream")
    for record in event["Records"]:
        record["dynamodb"]["NewImage"] = {"event": {"S": "poison"}}

    class Context:
        aws_request_id = "run-1"

    with stack.entry_point("FanoutFunction") as handler:
        assert handler(event, Context()) == {"batchItemFailures": []}
    assert stack.count("stream-dead-letters") == 2


def test_a_filter_that_fails_shows_on_its_webhook_until_it_is_mended(stack: Stack) -> None:
    client = stack.client("globex")
    made = client.a_webhook(filter="abs(data.name) > `1`")
    path = f"/webhooks/{made['id']}"
    assert made["health"]["filter_failures"] == 0
    for _ in range(2):
        client.made("/events", {"type": "flow.executed", "data": {"name": "nightly"}})
    stack.deliver()
    health = client("GET", path).json["health"]
    assert (health["state"], health["filter_failures"]) == ("healthy", 2)
    assert health["filter_failure"] == "abs() takes number, not string"
    assert health["filter_failed_at"] is not None
    other = client("PATCH", path, {"description": "x"}).json["health"]
    assert other["filter_failures"] == 2
    mended = client("PATCH", path, {"filter": "length(data.name) > `1`"}).json["health"]
    assert (mended["filter_failures"], mended["filter_failure"]) == (0, None)
