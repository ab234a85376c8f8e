"""GET /v1/health?deep=true: each part is looked at, and what is not well is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from hookline_api.routes.deep_health import LONGEST_STREAM_SECONDS, LONGEST_WAIT_SECONDS, QUEUES
from tests.engine.clock import FakeClock
from tests.worlds.client import Reply
from tests.worlds.resources import names
from tests.worlds.stack import Stack, a_stack
from tests.worlds.template import resources

DEEP = {"deep": "true"}


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Of its own: what is broken here stays broken."""
    with a_stack(FakeClock()) as made:
        yield made


def look(stack: Stack) -> Reply:
    return stack.acme("GET", "/v1/health", query=DEEP)


def measured(stack: Stack, namespace: str, metric: str, of: dict[str, str], value: float) -> None:
    boto3.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": it} for name, it in of.items()],
                "Timestamp": stack.clock() - timedelta(minutes=1),
                "Value": value,
            }
        ],
    )


def test_a_stack_that_is_well_says_so_of_each_part(stack: Stack) -> None:
    measured(stack, "AWS/Lambda", "IteratorAge", {"FunctionName": "hookline-test-fanout"}, 2_400)
    seen = look(stack).json
    assert seen["status"] == "ok"
    assert [check["name"] for check in seen["checks"]] == ["tables", "queues", "key", "stream"]
    assert seen["stream_age_seconds"] == 2


def test_it_knows_every_queue_and_nearly_every_table(stack: Stack) -> None:
    tables = len(names("AWS::DynamoDB::Table", "TableName"))
    (said,) = (c["detail"] for c in look(stack).json["checks"] if c["name"] == "tables")
    assert said == f"{tables - 1} up"  # all but that of signatures, which the API has no part in
    assert set(QUEUES) == set(names("AWS::SQS::Queue", "QueueName").values())
    stack.sqs.delete_queue(QueueUrl=stack.queues["retries"])
    assert failing(look(stack)) == {"queues": "not there: retries"}


def test_a_table_that_is_gone_is_named(stack: Stack) -> None:
    look(stack)
    stack.dynamodb.delete_table(TableName="hookline-test-attempts")
    assert failing(look(stack)) == {"tables": "not up: hookline-test-attempts"}


def test_a_key_that_is_not_there_is_told_and_keeps_no_other_part_from_being_seen(
    stack: Stack,
) -> None:
    look(stack)
    boto3.client("kms").delete_alias(AliasName="alias/hookline-test")
    stack.dynamodb.delete_table(TableName="hookline-test-attempts")
    assert failing(look(stack)) == {
        "tables": "not up: hookline-test-attempts",
        "key": "no answer: Encrypt: NotFoundException",
    }


@pytest.mark.parametrize(("seconds", "well"), [(3_599, True), (3_600, False)])
def test_fan_out_that_is_an_hour_behind_is_told(stack: Stack, seconds: int, well: bool) -> None:
    of = {"FunctionName": "hookline-test-fanout"}
    measured(stack, "AWS/Lambda", "IteratorAge", of, seconds * 1_000)
    reply = look(stack)
    assert (reply.status == 200) == well
    assert well or failing(reply) == {"stream": "fan-out is 3600 s behind"}


def test_first_attempts_that_wait_for_five_minutes_are_told(stack: Stack) -> None:
    of = {"QueueName": "hookline-test-deliveries"}
    measured(stack, "AWS/SQS", "ApproximateAgeOfOldestMessage", of, 300)
    assert failing(look(stack)) == {"queues": "the oldest first attempt waits 300 s"}


def test_it_takes_a_key_and_the_shallow_look_takes_none(stack: Stack) -> None:
    stranger = stack.acme.with_key(None)
    assert stranger("GET", "/v1/health", query=DEEP).status == 401
    assert stranger("GET", "/v1/health").json.keys() == {"status", "version"}


def test_head_answers_as_get_does_without_a_body(stack: Stack) -> None:
    for key, query, status in ((True, DEEP, 200), (False, DEEP, 401), (False, None, 200)):
        client = stack.acme if key else stack.acme.with_key(None)
        reply = client("HEAD", "/v1/health", query=query)
        assert (reply.status, reply.text) == (status, "")


def test_its_limits_are_the_alarms() -> None:
    alarms: dict[str, Any] = resources("AWS::CloudWatch::Alarm")
    assert alarms["DeliveryQueueAgeAlarm"]["Threshold"] == LONGEST_WAIT_SECONDS
    assert alarms["IteratorAgeAlarm"]["Threshold"] == LONGEST_STREAM_SECONDS * 1_000


def failing(reply: Reply) -> dict[str, str]:
    """What is not well, and why."""
    assert (reply.status, reply.json["code"]) == (503, "unhealthy")
    return {each["field"]: each["message"] for each in reply.json["errors"]}
