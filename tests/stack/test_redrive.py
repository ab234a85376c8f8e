"""The local stand-in for the console's redrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local.redrive import redrive

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def sqs() -> Iterator[SQSClient]:
    with mock_aws():
        client = boto3.client("sqs", "eu-west-1")
        for queue in ("dead-letters", "deliveries"):
            client.create_queue(QueueName=f"hookline-local-{queue}")
        yield client


def url(sqs: SQSClient, queue: str) -> str:
    return sqs.get_queue_url(QueueName=f"hookline-local-{queue}")["QueueUrl"]


def send(sqs: SQSClient, count: int) -> None:
    for number in range(count):
        sqs.send_message(
            QueueUrl=url(sqs, "dead-letters"),
            MessageBody=str(number),
            MessageAttributes={"reason": {"DataType": "String", "StringValue": "because"}},
        )


def test_every_message_is_moved_as_it_is(sqs: SQSClient) -> None:
    send(sqs, 12)
    assert redrive(sqs, "dead-letters", "deliveries") == 12
    moved = [
        message
        for _ in range(2)
        for message in sqs.receive_message(
            QueueUrl=url(sqs, "deliveries"),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        )["Messages"]
    ]
    assert sorted(int(message["Body"]) for message in moved) == list(range(12))
    assert {message["MessageAttributes"]["reason"]["StringValue"] for message in moved} == {
        "because"
    }


def test_what_comes_back_meanwhile_is_not_moved_again(sqs: SQSClient) -> None:
    send(sqs, 3)
    # As when every redriven delivery fails at once: each message returns where it came from.
    assert redrive(sqs, "dead-letters", "dead-letters") == 3
