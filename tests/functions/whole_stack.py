"""All six functions over one moto account, and everything that they leave behind in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import lambda_simple_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.table.attributes import from_wire
from hookline.settings import Settings
from hookline_api.composition import build_api
from hookline_api.settings import ApiSettings
from hookline_fanout.composition import build_fanout
from hookline_fanout.settings import FanoutSettings
from hookline_inbound.composition import build_answering
from hookline_inbound.settings import InboundSettings
from hookline_inbound_worker.batch import WorkOnBatch
from hookline_inbound_worker.composition import build_worker
from hookline_inbound_worker.settings import InboundWorkerSettings
from hookline_scheduler.composition import build_scheduler
from hookline_scheduler.settings import SchedulerSettings
from hookline_sender.composition import build_sender
from hookline_sender.settings import SenderSettings
from tests.contract.tables import create_queues, create_tables, table_name
from tests.engine.clock import FakeClock
from tests.functions.api.client import ROOT_KEY, Client, gateway_event

REGION = "eu-west-1"
USERS_FUNCTION = f"arn:aws:lambda:{REGION}:{DEFAULT_ACCOUNT_ID}:function:users"
PLENTY = timedelta(seconds=60)
_KINDS: tuple[type[Settings], ...] = (
    *(ApiSettings, FanoutSettings, SenderSettings, SchedulerSettings),
    *(InboundSettings, InboundWorkerSettings),
)
_QUEUES = {
    "DELIVERY_QUEUE_URL": "deliveries",
    "RETRY_QUEUE_URL": "retries",
    "FAN_OUT_QUEUE_URL": "fan-outs",
    "DEAD_LETTER_QUEUE_URL": "dead-letters",
    "STREAM_DEAD_LETTER_QUEUE_URL": "stream-dead-letters",
    "INBOUND_QUEUE_URL": "inbound",
    "INBOUND_DEAD_LETTER_QUEUE_URL": "inbound-dead-letters",
}
_FIXED = {
    "STAGE": "test",
    "LOG_LEVEL": "DEBUG",
    "HEADER_PREFIX": "X-Hookline",
    "ALLOW_HTTP": "true",
    "ALLOWED_NETWORKS": "127.0.0.0/8",
    "RETENTION_DAYS": "30",
    "PARKING_CEILING_SECONDS": "900",
    "SENDER_CONCURRENCY": "10",
    "SENDER_MAXIMUM_CONCURRENCY": "100",
    "PUBLISH_QUOTA_PER_SECOND": "1000",
    "INBOUND_QUOTA_PER_SECOND": "1000",
    "INVOKE_FUNCTION_ARNS": USERS_FUNCTION,
    "OIDC_ISSUER": "",
    "OIDC_AUDIENCE": "",
}


class WholeStack:
    """The functions as their own compositions make them; what triggers them is done here."""

    def __init__(self, environment: Mapping[str, str], queues: Mapping[str, str]) -> None:
        def settings[Kind: Settings](kind: type[Kind]) -> Kind:
            return kind.from_env(environment)

        self.clock = clock = FakeClock()
        self.client = Client(build_api(settings(ApiSettings), clock, os.urandom), "acme")
        self._fanout = build_fanout(settings(FanoutSettings), clock)
        # No call takes any time: a busy machine's must not count as those of a slow endpoint.
        self._sender = build_sender(settings(SenderSettings), clock, os.urandom, lambda: 0.0)
        self._scheduler = build_scheduler(settings(SchedulerSettings), clock, os.urandom)
        self._answer = build_answering(settings(InboundSettings), clock, os.urandom)
        self._work = WorkOnBatch(build_worker(settings(InboundWorkerSettings), clock, os.urandom))
        self._queues = queues
        self._sqs = Clients().sqs()
        self._dynamodb = Clients().dynamodb()
        self._fanned_out: set[str] = set()
        self._runs = 0
        self.client("POST", "/v1/tenants", {"id": self.client.tenant})

    def deliver(self) -> None:
        """Fans out what was accepted and makes every attempt that is due, until nothing is."""
        worked = True
        while worked:
            worked = bool(self._fan_out()) | bool(self._attempt("deliveries"))
            worked |= bool(self._attempt("retries"))

    def take_step(self, body: str) -> None:
        """Fanout's turn with one message of its queue."""
        assert self._fanout.steps([{"messageId": "m-1", "body": body}], "run-of-a-step") == []

    def webhook_round(self) -> None:
        """One round of the scheduler."""
        assert self._scheduler("round", lambda: PLENTY)

    def inbound(self, uri: str, body: bytes, headers: Mapping[str, str], query: str = "") -> str:
        """A third party's call: its answer's body, once the worker is done with it."""
        path = f"/in/{self.client.tenant}/{uri}"
        event = gateway_event("POST", path, headers=headers, body=body)
        answer = self._answer(event | {"rawQueryString": query})
        self.work()
        return str(answer["body"])

    def work(self) -> None:
        """The inbound worker's turn; what a function failed at waits for its next one."""
        self._work(self._messages("inbound"))

    def users_function_answers(self, *answers: object) -> None:
        """What the user's Lambda function answers from now on, in order; afterwards an echo."""
        backend = lambda_simple_backends[DEFAULT_ACCOUNT_ID][REGION]
        backend.lambda_simple_results_queue[:] = [json.dumps(answer) for answer in answers]

    def lose(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table, which has none afterwards; a restored copy would still."""
        name = table_name(table)
        items = self._dynamodb.scan(TableName=name)["Items"]
        for item in items:
            key = {attribute: item[attribute] for attribute in self._key_of(name)}
            self._dynamodb.delete_item(TableName=name, Key=key)
        return items

    def put_back(self, table: str, items: Sequence[Mapping[str, Any]]) -> None:
        """As docs/operations.md does it: what is there stays. An event enters the stream again."""
        name = table_name(table)
        for item in items:
            with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
                self._dynamodb.put_item(
                    TableName=name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(#key)",
                    ExpressionAttributeNames={"#key": self._key_of(name)[0]},
                )
        if table == "events":
            self._fanned_out.clear()

    def _key_of(self, name: str) -> list[str]:
        schema = self._dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
        return [each["AttributeName"] for each in schema]

    def tables(self) -> dict[str, str]:
        """The raw items of every table."""
        names = self._dynamodb.list_tables()["TableNames"]
        return {
            f"table {name}": json.dumps(self._dynamodb.scan(TableName=name)["Items"], default=str)
            for name in names
        }

    def queues(self) -> dict[str, str]:
        """Every message that no queue has deleted, hidden ones and attributes included."""
        backend = sqs_backends[DEFAULT_ACCOUNT_ID][REGION]
        return {
            f"queue {name}": "\n".join(
                f"{each.body} {each.message_attributes}" for each in queue._messages
            )
            for name, queue in backend.queues.items()
        }

    def _fan_out(self) -> list[dict[str, Any]]:
        items = self._dynamodb.scan(TableName=table_name("events"))["Items"]
        records = [
            {
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": str(from_wire(item)["event"]), "NewImage": item},
            }
            for item in items
            if from_wire(item)["event"] not in self._fanned_out
        ]
        if records:
            self._runs += 1
            assert self._fanout.stream(records, f"run-{self._runs}") == []
        self._fanned_out |= {from_wire(item)["event"] for item in items}
        return records

    def _attempt(self, queue: str) -> list[dict[str, Any]]:
        messages = self._messages(queue)
        failed = self._sender(messages, lambda: PLENTY) if messages else []
        for message in messages:
            if message["messageId"] not in failed:
                self._sqs.delete_message(
                    QueueUrl=self._queues[queue], ReceiptHandle=message["receiptHandle"]
                )
        return messages

    def _messages(self, queue: str) -> list[dict[str, Any]]:
        """What is due in a queue, as Lambda hands it over."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queues[queue],
            MaxNumberOfMessages=10,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:{table_name(queue)}",
            }
            for message in answer.get("Messages", ())
        ]


@contextmanager
def a_whole_stack() -> Iterator[WholeStack]:
    """A stack with one tenant, `acme`, in a region of its own."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        # Without Docker: moto then answers for users' functions what it was told to.
        with mock_aws(config={"lambda": {"use_docker": False}}):
            create_tables(Clients().dynamodb())
            queues = create_queues(Clients().sqs())
            yield WholeStack(_environment(queues), queues)


def _environment(queues: Mapping[str, str]) -> dict[str, str]:
    secrets = boto3.client("secretsmanager")
    root = secrets.create_secret(Name="root", SecretString=ROOT_KEY.removeprefix("hl_root_"))
    signing = secrets.create_secret(Name="signing", SecretString="s" * 43)
    tables = {
        field.name.upper(): table_name(field.name.removesuffix("_table").replace("_", "-"))
        for kind in _KINDS
        for field in fields(kind)
        if field.name.endswith("_table")
    }
    return {
        **_FIXED,
        **tables,
        **{name: queues[queue] for name, queue in _QUEUES.items()},
        "KMS_KEY_ID": boto3.client("kms").create_key()["KeyMetadata"]["Arn"],
        "ROOT_KEY_SECRET_ARN": root["ARN"],
        "SIGNING_KEY_SECRET_ARN": signing["ARN"],
    }
