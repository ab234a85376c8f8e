"""The functions, put together by their own wiring over moto's AWS."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
from moto import mock_aws

from bench import workload
from bench.meter import Meter
from hookline.adapters.aws.clients import Clients
from hookline.settings import Settings
from hookline_api.settings import ApiSettings
from hookline_api.wiring import build_api
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import Fanout, build_fanout
from hookline_sender.messages import DeliveryMessages
from hookline_sender.settings import SenderSettings
from hookline_sender.wiring import build_sender
from tests.worlds import dynamodb_local
from tests.worlds.resources import create_queues, create_tables, names, table_name
from tests.worlds.template import defaults, resolved, variables

ROOT_KEY = "hl_root_bench"
REGION = "eu-west-1"
_PARAMETERS = {
    "Stage": "bench",
    "AllowHttp": "true",
    "AllowedNetworks": "127.0.0.0/8",
    "PublishQuotaPerSecond": "100000",
}
"""Of the template, where the defaults will not do."""


class Steady:
    """A clock of which no wait is seen: on a busy machine the quickest endpoint looks slow."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(microseconds=100)
        return self._now


def long_enough() -> timedelta:
    """What is left of an invocation's time: as much as a function has at its start."""
    return timedelta(seconds=60)


class World:
    """One deployed stack, its functions and what goes from one to the next."""

    def __init__(self, environment: Mapping[str, str], meter: Meter) -> None:
        self.environment = environment
        self.meter = meter
        now = Steady()
        self.api = build_api(self.settings(ApiSettings), now, os.urandom)
        self.fanout: Fanout = build_fanout(self.settings(FanoutSettings), now)
        self.sender: DeliveryMessages = build_sender(
            self.settings(SenderSettings), now, os.urandom, lambda: now().timestamp()
        )
        self._sqs = boto3.client("sqs")
        self._dynamodb = Clients().dynamodb()  # binary values are text, as in a stream's records

    def settings[S: Settings](self, of: type[S]) -> S:
        """A function's settings, as template.yaml would give them."""
        names = [field.name.upper() for field in fields(of)]
        return of.from_env({name: self.environment[name] for name in names})

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The API's answer to one request with the root key."""
        reply = self.api(request(method, path, body), None)
        if reply["statusCode"] >= 300:
            raise RuntimeError(f"{method} {path}: {reply['statusCode']} {reply['body']}")
        return json.loads(reply["body"])

    def publish(self) -> str:
        """The id of one more event."""
        path = f"/v1/tenants/{workload.TENANT}/events"
        return str(self.call("POST", path, workload.event())["id"])

    def stream_record(self, event_id: str) -> dict[str, Any]:
        """What the stream of the events table carries once the event is accepted."""
        image = self._dynamodb.get_item(
            TableName=table_name("events"),
            Key={"event": {"S": f"{workload.TENANT}#{event_id}"}},
        )["Item"]
        return {
            "eventID": event_id,
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": event_id, "NewImage": image},
        }

    def messages(self, variable: str, most: int = 10) -> Sequence[dict[str, Any]]:
        """Up to ``most`` messages of a queue, in batches of ten, as Lambda hands them on."""
        url = self.environment[variable]
        records: list[dict[str, Any]] = []
        while len(records) < most:
            found = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
            if not found:
                return records
            for message in found:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                records.append(_record(cast("Mapping[str, Any]", message), url))
        return records


@contextmanager
def a_world(endpoints: Sequence[str], watch: Callable[[], None] = lambda: None) -> Iterator[World]:
    """A stack with one tenant, and a webhook for each of the endpoints' addresses.

    ``watch`` may add handlers of botocore's, before the functions' clients are made.
    """
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }
    os.environ.pop("AWS_ENDPOINT_URL", None)
    with mock_aws():
        os.environ |= dynamodb_local.addresses()
        plain = Clients().dynamodb()
        dynamodb_local.empty(plain)
        create_tables(plain)
        queues = create_queues(Clients().sqs())
        meter = Meter(plain)
        meter.install()
        watch()
        world = World(_environment(queues), meter)
        world.call("POST", "/v1/tenants", {"id": workload.TENANT})
        for number, url in enumerate(endpoints):
            webhook = {"name": f"hook {number}", "url": url, "events": [workload.EVENT_TYPE]}
            world.call("POST", f"/v1/tenants/{workload.TENANT}/webhooks", webhook)
        yield world


def request(method: str, path: str, body: object = None) -> dict[str, Any]:
    """A request as the HTTP API hands it to Lambda (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": f"Bearer {ROOT_KEY}",
            "content-type": "application/json",
            "host": "bench.execute-api.eu-west-1.amazonaws.com",
            "x-forwarded-for": "203.0.113.9",
        },
        "requestContext": {
            "requestId": "bench",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.9"},
        },
        "body": None if body is None else workload.published(cast("dict[str, Any]", body)),
        "isBase64Encoded": False,
    }


def _record(message: Mapping[str, Any], url: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:{url.rpartition('/')[2]}",
    }


def _environment(queues: Mapping[str, str]) -> dict[str, str]:
    """Of the three functions together, as template.yaml gives it."""
    secrets = boto3.client("secretsmanager")
    root = secrets.create_secret(Name="root", SecretString=ROOT_KEY.removeprefix("hl_root_"))
    signing = secrets.create_secret(Name="signing", SecretString="s" * 64)
    tables = names("AWS::DynamoDB::Table", "TableName").items()
    known = {
        **defaults(),
        **_PARAMETERS,
        **{logical_id: table_name(name) for logical_id, name in tables},
        **{each: queues[name] for each, name in names("AWS::SQS::Queue", "QueueName").items()},
        "InboundBodiesBucket": "bodies",
        "EncryptionKey": boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
        "RootKeySecret": root["ARN"],
        "SigningKeySecret": signing["ARN"],
    }
    return {
        name: resolved(value, known)
        for function in ("ApiFunction", "FanoutFunction", "SenderFunction")
        for name, value in variables(function).items()
    }
