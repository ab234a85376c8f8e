"""Batches on SQS: bounded, and only what failed is sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters, SqsFirstAttempts, SqsRetryTimers
from hookline.errors import Unavailable
from tests.builders import a_delivery, a_task, an_id
from tests.contract.faults import Watched
from tests.worlds.resources import create_queues

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MIB = 1_048_576
TASKS = [a_task(a_delivery(webhook_id=an_id("wh"))) for _ in range(25)]


@pytest.fixture
def client(aws_environment: None) -> SQSClient:
    return Clients(validate=True).sqs()


@pytest.fixture
def url(client: SQSClient) -> str:
    return create_queues(client, "deliveries")["deliveries"]


@pytest.fixture
def watched(client: SQSClient, url: str) -> Watched:
    watched = Watched(client)
    watched.forget()
    return watched


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def queue(client: SQSClient, url: str, waits: list[float], watched: Watched) -> Queue:
    return Queue(client, url, sleep=waits.append, jitter=lambda: 1.0)


@pytest.fixture
def receive(client: SQSClient, url: str) -> Callable[[], list[Any]]:
    def receive() -> list[Any]:
        found: list[Any] = []
        while some := client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["MessageGroupId"],
            MessageAttributeNames=["All"],
        ).get("Messages"):
            found += some
        return found

    return receive


def batch_sizes(watched: Watched, operation: str = "SendMessageBatch") -> list[int]:
    return [len(parameters["Entries"]) for parameters in watched.parameters(operation)]


def test_messages_go_ten_to_a_call(queue: Queue, watched: Watched) -> None:
    SqsFirstAttempts(queue).send(TASKS)
    assert batch_sizes(watched) == [10, 10, 5]


def test_first_attempts_are_grouped_by_webhook_so_that_the_queue_is_fair(
    queue: Queue, receive: Callable[[], list[Any]]
) -> None:
    SqsFirstAttempts(queue).send(TASKS)
    groups = {message["Attributes"]["MessageGroupId"] for message in receive()}
    assert groups == {task.key.webhook_id for task in TASKS}


def test_a_crowd_of_first_attempts_is_one_group_of_its_tenants(
    queue: Queue, receive: Callable[[], list[Any]]
) -> None:
    SqsFirstAttempts(queue).send(TASKS, crowd=True)
    groups = {message["Attributes"]["MessageGroupId"] for message in receive()}
    assert groups == {task.key.tenant for task in TASKS}
    assert len(groups) == 1


def test_retries_are_grouped_by_webhook_too(queue: Queue, receive: Callable[[], list[Any]]) -> None:
    SqsRetryTimers(queue).send([(task, timedelta()) for task in TASKS])
    groups = {message["Attributes"]["MessageGroupId"] for message in receive()}
    assert groups == {task.key.webhook_id for task in TASKS}


def test_only_messages_that_failed_are_sent_again(
    queue: Queue,
    watched: Watched,
    waits: list[float],
    receive: Callable[[], list[Any]],
) -> None:
    watched.partly["SendMessageBatch"] = [4, 3]
    SqsFirstAttempts(queue).send(TASKS[:10])
    assert batch_sizes(watched) == [10, 6, 3]
    assert len(receive()) == 10
    assert waits == [0.05, 0.1]


def test_messages_that_fail_for_ever_are_unavailable(
    queue: Queue, watched: Watched, waits: list[float]
) -> None:
    watched.partly["SendMessageBatch"] = [9, *[0] * 9]
    with pytest.raises(Unavailable, match="1 messages were not taken"):
        SqsFirstAttempts(queue).send(TASKS[:10])
    assert batch_sizes(watched) == [10, 1, 1, 1, 1, 1]
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8]


def test_a_queue_that_cannot_be_reached_is_unavailable(queue: Queue, watched: Watched) -> None:
    watched.never_sent["SendMessageBatch"] = 4
    with pytest.raises(Unavailable):
        SqsFirstAttempts(queue).send(TASKS)


def test_a_batch_stays_below_the_limit_in_bytes(queue: Queue, watched: Watched) -> None:
    queue.send({"MessageBody": "x" * 400_000} for _ in range(5))
    assert batch_sizes(watched) == [2, 2, 1]


def test_waits_are_whole_seconds_rounded_up_and_at_most_a_quarter_of_an_hour(
    queue: Queue, watched: Watched
) -> None:
    waits = [timedelta(seconds=seconds) for seconds in (-5, 0, 0.2, 899.5, 901, 86_400)]
    SqsRetryTimers(queue).send([(TASKS[0], wait) for wait in waits])
    (parameters,) = watched.parameters("SendMessageBatch")
    delays = [entry["DelaySeconds"] for entry in parameters["Entries"]]
    assert delays == [0, 0, 1, 900, 900, 900]


def test_messages_are_hidden_ten_to_a_call_and_within_twelve_hours_of_their_receipt(
    queue: Queue, watched: Watched, receive: Callable[[], list[Any]]
) -> None:
    SqsFirstAttempts(queue).send(TASKS)
    waits = [(message["ReceiptHandle"], timedelta(hours=12)) for message in receive()]
    assert SqsRetryTimers(queue).extend(waits) == []
    assert batch_sizes(watched, "ChangeMessageVisibilityBatch") == [10, 10, 5]
    hidden = {
        entry["VisibilityTimeout"]
        for parameters in watched.parameters("ChangeMessageVisibilityBatch")
        for entry in parameters["Entries"]
    }
    assert hidden == {42_600}


def test_only_messages_that_could_not_be_hidden_are_tried_again(
    queue: Queue, watched: Watched, receive: Callable[[], list[Any]]
) -> None:
    SqsFirstAttempts(queue).send(TASKS[:10])
    waits = [(message["ReceiptHandle"], timedelta(seconds=9)) for message in receive()]
    watched.partly["ChangeMessageVisibilityBatch"] = [7]
    assert SqsRetryTimers(queue).extend(waits) == []
    assert batch_sizes(watched, "ChangeMessageVisibilityBatch") == [10, 3]


def test_an_unusable_handle_is_not_tried_again(
    queue: Queue, watched: Watched, waits: list[float]
) -> None:
    assert SqsRetryTimers(queue).extend([("nonsense", timedelta(0))]) == ["nonsense"]
    assert waits == []


def test_what_could_not_be_hidden_at_all_comes_back_instead_of_raising(
    queue: Queue, watched: Watched, receive: Callable[[], list[Any]]
) -> None:
    SqsFirstAttempts(queue).send(TASKS[:12])
    handles = [message["ReceiptHandle"] for message in receive()]
    watched.never_sent["ChangeMessageVisibilityBatch"] = 4
    left = SqsRetryTimers(queue).extend([(handle, timedelta(0)) for handle in handles])
    assert list(left) == handles[:10]


def test_a_dead_letters_reason_can_be_read_beside_its_body(
    queue: Queue, receive: Callable[[], list[Any]]
) -> None:
    SqsDeadLetters(queue).send(TASKS[0], "attempts used up: 5 of 5")
    (message,) = receive()
    assert message["MessageAttributes"]["reason"]["StringValue"] == "attempts used up: 5 of 5"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("", "(empty)"),
        ("a\x00b\x0bc\n", "a\ufffdb\ufffdc\n"),
        ("\u00fc\U0001f600", "\u00fc\U0001f600"),
    ],
)
def test_bodies_that_sqs_refuses_are_set_aside_as_near_as_can_be(
    queue: Queue, receive: Callable[[], list[Any]], body: str, kept: str
) -> None:
    SqsDeadLetters(queue).set_aside(body, "bad\x00reason")
    (message,) = receive()
    assert message["Body"] == kept
    assert message["MessageAttributes"]["reason"]["StringValue"] == "bad reason"


def test_a_body_too_large_with_its_reason_is_cut(
    queue: Queue, receive: Callable[[], list[Any]]
) -> None:
    SqsDeadLetters(queue).set_aside("\u00fc" * MIB, "r" * MIB)
    (message,) = receive()
    size = len(message["Body"].encode())
    assert MIB - 20_000 < size < MIB - len(message["MessageAttributes"]["reason"]["StringValue"])
