"""IAM for functions over moto, which has none: what a role allows is read off the template.

What a function asks AWS for while it acts is held against its role, and noted down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.client import BaseClient

from tests.worlds.resources import STAGE, names, table_name
from tests.worlds.template import resources, statements

type Permission = tuple[str, str]
"""An action (``dynamodb:GetItem``) and a resource by its logical id; an index is ``<id>/index``."""

BY_AWS = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
    *("dynamodb:ListStreams", "sqs:ReceiveMessage", "sqs:GetQueueAttributes"),
    "sqs:DeleteMessage",
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses"),
    "ec2:UnassignPrivateIpAddresses",
}
"""What Lambda does in a function's name: no code of ours asks for it."""

USED: dict[str, set[Permission]] = {}
"""What functions asked for in this process, by all stacks."""

ON_THE_DEPLOYED_STACK: Mapping[str, Mapping[Permission, str]] = {
    "ApiFunction": {
        ("dynamodb:Query", "DeliveriesTable/index"): "switched on: test_delivery_life",
        ("s3:GetObject", "InboundBodiesBucket"): "a large body: test_inbound",
        ("s3:PutObject", "InboundBodiesBucket"): "a large body that is resubmitted: test_inbound",
    },
    "FanoutFunction": {
        ("dynamodb:UpdateItem", "DeliveriesTable"): "a chunk's crash: test_delivery_recovery",
        ("dynamodb:UpdateItem", "ScheduleTable"): "a fan-out behind its sweep: test_upgrade",
    },
    "SenderFunction": {
        ("dynamodb:GetItem", "WebhooksTable"): "a 410 that meets an edit: a race",
        **{
            (f"sqs:{action}", queue): "it receives from both by itself: every test there"
            for queue in ("DeliveryQueue", "RetryQueue")
            for action in (
                *("DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"),
            )
        },
    },
    "SchedulerFunction": {
        ("dynamodb:BatchGetItem", "WebhookHealthTable"): "a circuit: test_delivery_life",
        ("dynamodb:BatchWriteItem", "DeliveriesTable"): "a lost fan-out: test_delivery_recovery",
        ("dynamodb:GetItem", "FanOutsTable"): "a lost fan-out: test_delivery_recovery",
        ("dynamodb:GetItem", "RecoverJobsTable"): "a job that two rounds advance: a race",
        ("dynamodb:PutItem", "EventsTable"): "given up: test_operational_events",
        ("dynamodb:Query", "DeliveriesTable"): "held until its age: test_delivery_life",
        ("dynamodb:Query", "SubscriptionsTable"): "given up: test_operational_events",
        ("dynamodb:UpdateItem", "RecoverJobsTable"): "a job of many: test_delivery_recovery",
        ("dynamodb:UpdateItem", "WebhookHealthTable"): "a circuit: test_delivery_life",
        ("sqs:SendMessage", "DeadLetterQueue"): "given up: test_delivery_life",
        ("sqs:SendMessageBatch", "DeadLetterQueue"): "given up: test_delivery_life",
        ("sqs:SendMessage", "FanOutQueue"): "a lost fan-out: test_delivery_recovery",
        ("sqs:SendMessageBatch", "FanOutQueue"): "a lost fan-out: test_delivery_recovery",
    },
    "InboundFunction": {
        ("s3:PutObject", "InboundBodiesBucket"): "a large body: test_inbound",
        ("dynamodb:GetItem", "InboundMessagesTable"): "a large body, in sync: test_inbound",
        ("dynamodb:GetItem", "WebhooksTable"): "a forward, in sync: test_inbound",
        ("dynamodb:PutItem", "InboundSignaturesTable"): "signed with a time, in sync: test_inbound",
    },
    "InboundWorkerFunction": {
        ("dynamodb:GetItem", "WebhooksTable"): "a forward: test_inbound",
        ("s3:GetObject", "InboundBodiesBucket"): "a large body: test_inbound",
    },
}
"""What no test over moto comes to ask for, and where it is asked for instead."""

_OF_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_SQS_ENTRIES = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}


class Denied(BaseException):
    """No `Exception`: code that sets failures aside and goes on must not hide this one."""


class Iam:
    """Who acts."""

    def __init__(self) -> None:
        self._acting: list[str] = []

    @contextmanager
    def acting(self, function: str) -> Iterator[None]:
        """What is asked for in the block is this function's doing, its threads' included."""
        self._acting.append(function)
        try:
            yield
        finally:
            self._acting.pop()

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Holds every call of a botocore client against the role of who acts.

        Raises:
            Denied: in the call, where the role does not allow it.
        """
        make_call: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # the one place all pass

        def held(client: BaseClient, operation: str, given: Mapping[str, Any]) -> Any:
            if self._acting:
                self._ask(
                    self._acting[-1], client.meta.service_model.service_name, operation, given
                )
            return make_call(client, operation, given)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(BaseClient, "_make_api_call", held)
            yield

    def _ask(self, function: str, service: str, operation: str, given: Mapping[str, Any]) -> None:
        asked = set(_asked(service, operation, given))
        if missing := asked - granted(function):
            raise Denied(f"the role of {function} does not allow {sorted(missing)}")
        USED.setdefault(function, set()).update(asked)


@cache
def granted(function: str) -> frozenset[Permission]:
    """All that a function's role allows."""
    role = resources("AWS::Serverless::Function")[function]["Role"]["Fn::GetAtt"]
    return frozenset(
        (action, resource)
        for statement in statements(resources("AWS::IAM::Role")[role.removesuffix(".Arn")])
        for action in _listed(statement["Action"])
        for resource in map(_logical_id, _listed(statement["Resource"]))
    )


def never_used(used: Mapping[str, set[Permission]]) -> list[tuple[str, Permission]]:
    """What roles allow and functions never asked for."""
    return [
        (function, permission)
        for function in sorted(used)
        for permission in sorted(granted(function) - used[function])
        if permission[0] not in BY_AWS and permission not in ON_THE_DEPLOYED_STACK.get(function, {})
    ]


def _asked(service: str, operation: str, given: Mapping[str, Any]) -> Iterator[Permission]:
    match service:
        case "dynamodb":
            for action, resource in _of_tables(operation, given):
                # A table that is none of the stack's is one that a test took away.
                if resource.removesuffix("/index") in resources("AWS::DynamoDB::Table"):
                    yield f"dynamodb:{action}", resource
        case "cloudwatch":
            yield f"cloudwatch:{operation}", "*"
        case "sqs":
            yield from _of_queues(operation, given)
        case "s3":
            yield f"s3:{operation}", "InboundBodiesBucket"
        case "secretsmanager":
            yield f"secretsmanager:{operation}", f"{given['SecretId'].capitalize()}KeySecret"
        case "lambda":
            yield f"lambda:{operation}Function", _function(given["FunctionName"])
        case "kms":
            yield f"{service}:{operation}", "EncryptionKey"
        case _:
            raise Denied(f"{service}:{operation} is nothing that this IAM knows")


def _of_queues(operation: str, given: Mapping[str, Any]) -> Iterator[Permission]:
    queue = _queue(given["QueueUrl"]) if "QueueUrl" in given else "*"
    yield f"sqs:{operation}", queue
    # The emulator asks for the action of the batch, AWS for the single one.
    if operation in _SQS_ENTRIES:
        yield f"sqs:{_SQS_ENTRIES[operation]}", queue


def _of_tables(operation: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match operation:
        case "BatchGetItem" | "BatchWriteItem":
            for table in given["RequestItems"]:
                yield operation, _table(table)
        case "TransactWriteItems":
            for item in given["TransactItems"]:
                for kind, what in item.items():
                    yield _OF_TRANSACTIONS[kind], _table(what["TableName"])
        case _:
            yield operation, _table(given["TableName"]) + "/index" * ("IndexName" in given)


def _table(name: str) -> str:
    return _by_name("AWS::DynamoDB::Table", "TableName").get(name, name)


def _function(name: str) -> str:
    ours = _by_name("AWS::Serverless::Function", "FunctionName")
    return ours.get(name, "InvokeFunctionArns")  # a user's, if none of ours


def _queue(url: str) -> str:
    name = url.rpartition("/")[2]
    return _by_name("AWS::SQS::Queue", "QueueName").get(name, name)


@cache
def _by_name(kind: str, name_property: str) -> Mapping[str, str]:
    return {table_name(name): logical_id for logical_id, name in names(kind, name_property).items()}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _logical_id(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": path}:
            return str(path).partition(".")[0]
        case {"Fn::Sub": text} if text.endswith("/index/*"):
            return str(text).removeprefix("${").partition(".")[0] + "/index"
        case {"Fn::Sub": text} if text.endswith(".Arn}/*"):
            return str(text).removeprefix("${").partition(".")[0]
        case {"Fn::Sub": text} if ":function:" in text:
            return _function(str(text).rpartition(":")[2].replace("${Stage}", STAGE))
        case {"Fn::Sub": text} if ":secret:" in text:
            name = str(text).rpartition("${Stage}-")[2].removesuffix("-??????")
            return "".join(map(str.capitalize, name.split("-"))) + "Secret"
        case {"Ref": name}:
            return str(name)
    return str(resource)
