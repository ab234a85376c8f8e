"""The fan-out function: records and steps in, tables and queues out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hookline.domain.delivery.delivery import Status
from tests.functions.core.conftest import WEBHOOK, Deployment, events_of_the_stream, example
from tests.functions.written import counted


def numbers_of(event: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]


def test_stream_records_become_deliveries_and_messages(deployment: Deployment) -> None:
    deployment.webhook("https://example.com/hook")
    assert deployment.fanout(example("fanout_stream")) == []
    for event in events_of_the_stream():
        assert deployment.delivery(event).status is Status.CREATED
    bodies = deployment.bodies("deliveries")
    assert {body["webhook_id"] for body in bodies} == {WEBHOOK}
    assert len(bodies) == 2


def test_the_same_records_again_do_nothing(deployment: Deployment) -> None:
    deployment.webhook("https://example.com/hook")
    deployment.fanout(example("fanout_stream"), "run-1")
    deployment.bodies("deliveries")
    assert deployment.fanout(example("fanout_stream"), "run-2") == []
    assert deployment.bodies("deliveries") == []


def test_a_poisoned_record_is_set_aside_and_the_others_go_on(deployment: Deployment) -> None:
    deployment.webhook("https://example.com/hook")
    event = example("fanout_stream")
    del event["Records"][0]["dynamodb"]["NewImage"]["accepted_at"]
    assert deployment.fanout(event) == []
    (letter,) = deployment.bodies("stream-dead-letters")
    assert letter["dynamodb"]["SequenceNumber"] == numbers_of(event)[0]
    assert deployment.delivery(events_of_the_stream()[1]).status is Status.CREATED


def test_what_expired_by_itself_needs_no_fan_out(deployment: Deployment) -> None:
    event = example("fanout_stream")
    for record in event["Records"]:
        record["eventName"] = "REMOVE"
        del record["dynamodb"]["NewImage"]
    assert deployment.fanout(event) == []
    assert deployment.bodies("stream-dead-letters") == []


def test_records_that_could_not_be_claimed_are_reported_as_failed(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    event = example("fanout_stream")
    deployment.env = {**deployment.env, "FAN_OUTS_TABLE": "no-such-table"}
    assert deployment.fanout(event) == numbers_of(event)
    assert counted(capsys, "WorkFailed") == {("fanout", "unavailable"): 2}


def test_a_step_that_could_not_be_taken_is_reported_as_failed(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    event = example("fanout_step")
    deployment.env = {**deployment.env, "FAN_OUTS_TABLE": "no-such-table"}
    assert deployment.fanout(event) == [event["Records"][0]["messageId"]]
    assert counted(capsys, "WorkFailed") == {("fanout", "unavailable"): 1}


def test_a_step_of_an_expired_fan_out_is_done_with(deployment: Deployment) -> None:
    assert deployment.fanout(example("fanout_step")) == []


def test_a_poisoned_step_is_set_aside(deployment: Deployment) -> None:
    event = deepcopy(example("fanout_step"))
    event["Records"][0]["body"] = "{"
    assert deployment.fanout(event) == []
    assert deployment.count("stream-dead-letters") == 1


def test_lambda_is_told_which_records_must_come_again(deployment: Deployment) -> None:
    event = example("fanout_stream")
    for record in event["Records"]:
        record["dynamodb"]["NewImage"] = {"event": {"S": "poison"}}

    class Context:
        aws_request_id = "run-1"

    reply = deployment.handler("hookline_fanout")(event, Context())
    assert reply == {"batchItemFailures": []}
    assert deployment.count("stream-dead-letters") == 2
