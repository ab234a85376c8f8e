"""The sender function: messages in; calls, tables, queues and its reply out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.delivery.tasks import delivery_message, task_of
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import TENANT
from tests.contract.http.endpoints import OK, answering
from tests.functions.core.conftest import (
    WEBHOOK,
    add_webhook,
    delivery_of,
    events_of_the_stream,
    example,
    queued,
    with_arn,
)
from tests.functions.written import counted
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack

FAILING = b"HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\nno"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/hook"


def prepare(stack: Stack, port: int, **overrides: Any) -> None:
    """The webhook of the examples, its events, and their deliveries."""
    add_webhook(stack, url(port), **overrides)
    for event in events_of_the_stream():
        stack.stores.events.accept(event)
    stack.fan_out(example("fanout_stream"))
    queued(stack, "deliveries")


def ids_of(event: dict[str, list[dict[str, str]]]) -> list[str]:
    return [record["messageId"] for record in event["Records"]]


def test_a_batch_of_first_attempts_is_delivered_and_acknowledged(stack: Stack) -> None:
    with answering(OK) as endpoint:
        prepare(stack, endpoint.port)
        assert stack.send(with_arn(example("sender_deliveries"), "deliveries")) == []
    for event in events_of_the_stream():
        assert delivery_of(stack, event).status is Status.SUCCESS
    sent = {request.headers["webhook-id"]: request for request in endpoint.requests}
    assert set(sent) == {event.id for event in events_of_the_stream()}
    for event in events_of_the_stream():
        body = json.loads(sent[event.id].body)
        assert (body["id"], body["type"], body["data"]) == (event.id, event.type, event.data)


def test_failed_first_attempts_wait_in_the_retry_queue(stack: Stack) -> None:
    # So long that they are still hidden when they are counted, however slow the machine.
    retry = RetryPolicy(initial_delay=timedelta(minutes=10))
    with answering(FAILING) as endpoint:
        prepare(stack, endpoint.port, retry=retry)
        assert stack.send(with_arn(example("sender_deliveries"), "deliveries")) == []
    delivery = delivery_of(stack, events_of_the_stream()[0])
    assert delivery.status is Status.RETRYING
    assert delivery.next_attempt_at is not None
    assert delivery.waiting == OnTheClock(delivery.next_attempt_at + LEASE)
    assert stack.count("retries", "ApproximateNumberOfMessagesDelayed") == 2


def test_a_failed_retry_stays_in_its_queue_hidden_as_its_own_timer(
    stack: Stack,
) -> None:
    retry = with_arn(example("sender_retries"), "retries")
    with answering(FAILING) as endpoint:
        prepare(stack, endpoint.port)
        stack.send(with_arn(example("sender_deliveries"), "deliveries"))
        stack.clock.advance(timedelta(seconds=10))
        assert stack.send(retry) == ids_of(retry)
    delivery = delivery_of(stack, events_of_the_stream()[0])
    assert delivery.attempt_count == 2
    assert delivery.timer == ids_of(retry)[0]
    assert len(endpoint.requests) == 3


def test_a_message_that_comes_early_is_not_acknowledged(stack: Stack) -> None:
    retry = with_arn(example("sender_retries"), "retries")
    with answering(FAILING) as endpoint:
        prepare(stack, endpoint.port)
        stack.send(with_arn(example("sender_deliveries"), "deliveries"))
        assert stack.send(retry) == ids_of(retry)
    assert len(endpoint.requests) == 2


def test_the_same_batch_again_makes_no_call(stack: Stack) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    with answering(OK) as endpoint:
        prepare(stack, endpoint.port)
        stack.send(batch)
        assert stack.send(batch) == []
    assert len(endpoint.requests) == 2


def test_a_410_switches_the_webhook_off_for_everybody(stack: Stack) -> None:
    # One call after the other: a transaction that moto refuses puts back all of its table, and with
    # it what another thread has just written there.
    stack.overrides["SENDER_CONCURRENCY"] = "1"
    with answering(GONE) as endpoint:
        prepare(stack, endpoint.port)
        webhook = stack.stores.webhooks.get(TENANT, WEBHOOK)
        assert webhook is not None
        stack.send(with_arn(example("sender_deliveries"), "deliveries"))
    after = stack.stores.webhooks.get(TENANT, WEBHOOK)
    assert after is not None
    assert not after.enabled
    assert after.version == webhook.version + 1
    assert delivery_of(stack, events_of_the_stream()[0]).status is Status.FAILED


def test_an_attempt_that_rode_in_the_queue_is_recorded_once_however_late_it_comes_again(
    stack: Stack,
) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    event = events_of_the_stream()[0]
    with answering(OK) as endpoint:
        prepare(stack, endpoint.port)
        stack.send(batch)
    written = delivery_of(stack, event)
    assert written.last_attempt is not None
    for seconds in (20, 10, 20):
        earlier = written.last_attempt.started_at - timedelta(seconds=seconds)
        made = replace(written.last_attempt, started_at=earlier)
        rides = replace(task_of(written), made=made, sequence=0)
        record = {**batch["Records"][0], "body": delivery_message(rides)}
        assert stack.send({"Records": [record]}) == []
    assert delivery_of(stack, event).attempt_count == 1 + 2


def test_a_poisoned_message_is_set_aside_and_the_others_go_on(stack: Stack) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    batch["Records"][0]["body"] = "not json"
    with answering(OK) as endpoint:
        prepare(stack, endpoint.port)
        assert stack.send(batch) == []
    assert len(endpoint.requests) == 1
    assert stack.count("dead-letters") == 1


def test_an_item_that_cannot_be_read_leaves_the_others_of_its_batch_theirs(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    with answering(OK) as endpoint:
        prepare(stack, endpoint.port)
        broken, *_ = (json.loads(record["body"]) for record in batch["Records"])
        stack.dynamodb.update_item(
            TableName=table_name("deliveries"),
            Key={
                "log": {"S": f"{TENANT}#{broken['webhook_id']}#0"},
                "id": {"S": broken["delivery_id"]},
            },
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "sucess"}},
        )
        assert stack.send(batch) == ids_of(batch)[:1]
    assert len(endpoint.requests) == len(batch["Records"]) - 1
    assert '"WorkFailed":1' in capsys.readouterr().out


def test_a_batch_that_cannot_be_read_comes_again_as_a_whole_and_is_counted(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = with_arn(example("sender_deliveries"), "deliveries")
    stack.overrides["EVENTS_TABLE"] = "no-such-table"
    assert stack.send(batch) == ids_of(batch)
    assert counted(capsys, "WorkFailed") == {("sender", "unavailable"): 2}


def test_lambda_is_told_which_messages_must_come_again(stack: Stack) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    batch = with_arn(example("sender_deliveries"), "deliveries")
    batch["Records"][0]["body"] = "poison"
    with stack.entry_point("SenderFunction") as handler:
        assert handler(batch, Context()) == {"batchItemFailures": []}
    assert stack.count("dead-letters") == 1


@pytest.mark.parametrize("name", ["sender_deliveries", "sender_retries"])
def test_the_examples_are_what_the_queues_carry(stack: Stack, name: str) -> None:
    for record in example(name)["Records"]:
        body = json.loads(record["body"])
        assert {"tenant", "webhook_id", "delivery_id", "event_id", "generation"} <= set(body)
