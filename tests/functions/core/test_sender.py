"""The sender function: messages in; calls, tables, queues and its reply out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import TENANT
from tests.contract.http.endpoints import OK, answering
from tests.functions.core.conftest import (
    WEBHOOK,
    Deployment,
    events_of_the_stream,
    example,
    with_arn,
)
from tests.functions.written import counted

FAILING = b"HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\nno"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/hook"


def prepare(deployment: Deployment, port: int, **overrides: Any) -> None:
    """The webhook of the examples, its events, and their deliveries."""
    deployment.webhook(url(port), **overrides)
    for event in events_of_the_stream():
        deployment.events.accept(event)
    deployment.fanout(example("fanout_stream"))
    deployment.bodies("deliveries")


def ids_of(event: dict[str, list[dict[str, str]]]) -> list[str]:
    return [record["messageId"] for record in event["Records"]]


def test_a_batch_of_first_attempts_is_delivered_and_acknowledged(deployment: Deployment) -> None:
    with answering(OK) as endpoint:
        prepare(deployment, endpoint.port)
        assert deployment.sender(with_arn(example("sender_deliveries"), "deliveries")) == []
    for event in events_of_the_stream():
        assert deployment.delivery(event).status is Status.SUCCESS
    sent = {request.headers["webhook-id"]: request for request in endpoint.requests}
    assert set(sent) == {event.id for event in events_of_the_stream()}
    for event in events_of_the_stream():
        body = json.loads(sent[event.id].body)
        assert (body["id"], body["type"], body["data"]) == (event.id, event.type, event.data)


def test_failed_first_attempts_wait_in_the_retry_queue(deployment: Deployment) -> None:
    # So long that they are still hidden when they are counted, however slow the machine.
    retry = RetryPolicy(initial_delay=timedelta(minutes=10))
    with answering(FAILING) as endpoint:
        prepare(deployment, endpoint.port, retry=retry)
        assert deployment.sender(with_arn(example("sender_deliveries"), "deliveries")) == []
    delivery = deployment.delivery(events_of_the_stream()[0])
    assert delivery.status is Status.RETRYING
    assert delivery.next_attempt_at is not None
    assert delivery.waiting == OnTheClock(delivery.next_attempt_at + LEASE)
    assert deployment.count("retries", "ApproximateNumberOfMessagesDelayed") == 2


def test_a_failed_retry_stays_in_its_queue_hidden_as_its_own_timer(
    deployment: Deployment,
) -> None:
    retry = with_arn(example("sender_retries"), "retries")
    with answering(FAILING) as endpoint:
        prepare(deployment, endpoint.port)
        deployment.sender(with_arn(example("sender_deliveries"), "deliveries"))
        deployment.clock.advance(timedelta(seconds=10))
        assert deployment.sender(retry) == ids_of(retry)
    delivery = deployment.delivery(events_of_the_stream()[0])
    assert delivery.attempt_count == 2
    assert delivery.timer == ids_of(retry)[0]
    assert len(endpoint.requests) == 3


def test_a_message_that_comes_early_is_not_acknowledged(deployment: Deployment) -> None:
    retry = with_arn(example("sender_retries"), "retries")
    with answering(FAILING) as endpoint:
        prepare(deployment, endpoint.port)
        deployment.sender(with_arn(example("sender_deliveries"), "deliveries"))
        assert deployment.sender(retry) == ids_of(retry)
    assert len(endpoint.requests) == 2


def test_the_same_batch_again_makes_no_call(deployment: Deployment) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    with answering(OK) as endpoint:
        prepare(deployment, endpoint.port)
        deployment.sender(batch)
        assert deployment.sender(batch) == []
    assert len(endpoint.requests) == 2


def test_a_410_switches_the_webhook_off_for_everybody(deployment: Deployment) -> None:
    # One call after the other: a transaction that moto refuses puts back all of its table, and with
    # it what another thread has just written there.
    deployment.env = {**deployment.env, "SENDER_CONCURRENCY": "1"}
    with answering(GONE) as endpoint:
        prepare(deployment, endpoint.port)
        webhook = deployment.webhooks.get(TENANT, WEBHOOK)
        assert webhook is not None
        deployment.sender(with_arn(example("sender_deliveries"), "deliveries"))
    after = deployment.webhooks.get(TENANT, WEBHOOK)
    assert after is not None
    assert not after.enabled
    assert after.version == webhook.version + 1
    assert deployment.delivery(events_of_the_stream()[0]).status is Status.FAILED


def test_a_poisoned_message_is_set_aside_and_the_others_go_on(deployment: Deployment) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    batch["Records"][0]["body"] = "not json"
    with answering(OK) as endpoint:
        prepare(deployment, endpoint.port)
        assert deployment.sender(batch) == []
    assert len(endpoint.requests) == 1
    assert deployment.count("dead-letters") == 1


def test_an_item_that_cannot_be_read_leaves_the_others_of_its_batch_theirs(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    with answering(OK) as endpoint:
        prepare(deployment, endpoint.port)
        broken, *_ = (json.loads(record["body"]) for record in batch["Records"])
        deployment.dynamodb.update_item(
            TableName=deployment.env["DELIVERIES_TABLE"],
            Key={
                "log": {"S": f"{TENANT}#{broken['webhook_id']}#0"},
                "id": {"S": broken["delivery_id"]},
            },
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "sucess"}},
        )
        assert deployment.sender(batch) == ids_of(batch)[:1]
    assert len(endpoint.requests) == len(batch["Records"]) - 1
    assert '"WorkFailed":1' in capsys.readouterr().out


def test_a_batch_that_cannot_be_read_comes_again_as_a_whole_and_is_counted(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    deployment.env = {**deployment.env, "EVENTS_TABLE": "no-such-table"}
    assert deployment.sender(batch) == ids_of(batch)
    assert counted(capsys, "WorkFailed") == {("sender", "unavailable"): 2}


def test_lambda_is_told_which_messages_must_come_again(deployment: Deployment) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    handler = deployment.handler("hookline_sender")
    batch = with_arn(example("sender_deliveries"), "deliveries")
    batch["Records"][0]["body"] = "poison"
    assert handler(batch, Context()) == {"batchItemFailures": []}
    assert deployment.count("dead-letters") == 1


@pytest.mark.parametrize("name", ["sender_deliveries", "sender_retries"])
def test_the_examples_are_what_the_queues_carry(deployment: Deployment, name: str) -> None:
    for record in example(name)["Records"]:
        body = json.loads(record["body"])
        assert {"tenant", "webhook_id", "delivery_id", "event_id", "generation"} <= set(body)
