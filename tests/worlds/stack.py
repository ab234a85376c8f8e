"""One whole stack over one moto account: the template's tables and queues, and its six functions.

Each function is put together by its own wiring, from the environment that template.yaml
gives it. What triggers functions in the cloud is done here.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

import pytest

from hookline.adapters.dynamo.table.attributes import from_wire
from hookline.adapters.stack_inbound import ApiStack
from hookline.ports import Randomness
from hookline.settings import Settings
from hookline_api.http.app import Api
from hookline_api.settings import ApiSettings
from hookline_api.wiring import api_stack, build_api
from hookline_console.settings import ConsoleSettings
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import Fanout, build_fanout
from hookline_inbound.answering import AnswerCalls
from hookline_inbound.settings import InboundSettings
from hookline_inbound.wiring import build_inbound
from hookline_inbound_worker.settings import InboundWorkerSettings
from hookline_inbound_worker.wiring import Worker, build_inbound_worker
from hookline_scheduler.round import Round
from hookline_scheduler.settings import SchedulerSettings
from hookline_scheduler.wiring import build_scheduler
from hookline_sender.messages import DeliveryMessages
from hookline_sender.settings import SenderSettings
from hookline_sender.wiring import build_sender
from tests.engine.clock import FakeClock
from tests.worlds import dynamodb_local
from tests.worlds.account import (
    ACCOUNT,
    REGION,
    an_account,
    create_bucket,
    dynamodb,
    key_and_secrets,
    sqs,
    tables,
)
from tests.worlds.client import Client, gateway_event
from tests.worlds.permissions import Iam
from tests.worlds.resources import STAGE, create_queues, create_tables, names, table_name
from tests.worlds.template import defaults, resolved, variables

USERS_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:users"
"""What inbound providers and functions may invoke."""

SETTINGS: Mapping[str, type[Settings]] = {
    "ApiFunction": ApiSettings,
    "FanoutFunction": FanoutSettings,
    "SenderFunction": SenderSettings,
    "SchedulerFunction": SchedulerSettings,
    "InboundFunction": InboundSettings,
    "InboundWorkerFunction": InboundWorkerSettings,
    "ConsoleFunction": ConsoleSettings,
}
PLENTY = timedelta(seconds=60)
_PARAMETERS = {
    "Stage": STAGE,
    "AllowHttp": "true",
    "AllowedNetworks": "127.0.0.0/8",
    "InvokeFunctionArns": USERS_FUNCTION,
    "InboundQuotaPerSecond": "1000",
}


@contextmanager
def a_stack(
    clock: FakeClock | None = None, randomness: Randomness = os.urandom, **parameters: str
) -> Iterator[Stack]:
    """A stack in an account of its own, where no function can do what its role does not allow."""
    with an_account():
        stack = Stack(clock or FakeClock(), randomness, **parameters)
        with stack.iam.enforced():
            yield stack


class Stack:
    """What is deployed. Functions are built when they are first asked, as at a cold start.

    ``parameters`` are the template's. ``overrides`` holds environment variables that are to differ
    from what the template gives: those of a function built from then on.
    """

    def __init__(
        self, clock: FakeClock, randomness: Randomness = os.urandom, **parameters: str
    ) -> None:
        self.clock = clock
        self.randomness = randomness
        self.overrides: dict[str, str] = {}
        self._settings: dict[tuple[object, ...], Any] = {}
        self.iam = Iam()
        # Clients outlive moto's state, and take long to make: stacks share them.
        self.dynamodb, self.sqs = dynamodb(), sqs()
        dynamodb_local.empty(self.dynamodb)
        create_tables(self.dynamodb)
        self.queues = create_queues(self.sqs)
        self._known = {
            **defaults(),
            **_PARAMETERS,
            **parameters,
            **tables(),
            **{
                each: self.queues[name]
                for each, name in names("AWS::SQS::Queue", "QueueName").items()
            },
            **key_and_secrets(),
            "InboundBodiesBucket": create_bucket(),
        }
        self._tenants: set[str] = set()
        self._fanned_out: set[str] = set()
        self._runs = 0

    # -- the functions ----------------------------------------------------------------------------

    def environment(self, function: str) -> dict[str, str]:
        """The environment of a function, by its logical id."""
        given = {name: resolved(value, self._known) for name, value in variables(function).items()}
        return {name: self.overrides.get(name, value) for name, value in given.items()}

    def settings[Kind: Settings](self, kind: type[Kind]) -> Kind:
        """A function's settings."""
        (function,) = (name for name, each in SETTINGS.items() if each is kind)
        key = (function, *sorted(self.overrides.items()))
        if key not in self._settings:
            self._settings[key] = kind.from_env(self.environment(function))
        found: Kind = self._settings[key]
        return found

    @cached_property
    def api(self) -> Api:
        with self.iam.acting("ApiFunction"):
            return build_api(self.settings(ApiSettings), self.clock, self.randomness)

    def call(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        """The API function's answer to a gateway's event."""
        with self.iam.acting("ApiFunction"):
            return dict(self.api(event, context))

    @cached_property
    def stores(self) -> ApiStack:
        """The API's own tables, for what the other functions would have written."""
        return _stores(self.settings(ApiSettings), self.clock, self.randomness)

    def client(self, tenant: str) -> Client:
        """The root key's holder, in a tenant that is made when it is first asked for."""
        client = Client(self.call, tenant)
        if tenant not in self._tenants:
            client.made("/v1/tenants", {"id": tenant})
            self._tenants.add(tenant)
        return client

    @property
    def acme(self) -> Client:
        """The root key's holder in the tenant `acme`, where one tenant is enough."""
        return self.client("acme")

    def fan_out(self, event: Mapping[str, Any], run: str = "run-1") -> Sequence[str]:
        """The fan-out function's reply to records of the stream, or of its queue."""
        fanout = _fanout(self.settings(FanoutSettings), self.clock)
        records = event["Records"]
        from_stream = records[0]["eventSource"] == "aws:dynamodb"
        with self.iam.acting("FanoutFunction"):
            return (fanout.stream if from_stream else fanout.steps)(records, run, lambda: True)

    def send(self, event: Mapping[str, Any]) -> Sequence[str]:
        """The sender's reply to a batch."""
        sender = _sender(self.settings(SenderSettings), self.clock, self.randomness)
        with self.iam.acting("SenderFunction"):
            return sender(event["Records"], lambda: PLENTY)

    def schedule(self, run: str = "round-1", remaining: timedelta = PLENTY) -> bool:
        """One round of the scheduler: whether all of its parts were done."""
        round_of = _scheduler(self.settings(SchedulerSettings), self.clock, self.randomness)
        with self.iam.acting("SchedulerFunction"):
            return round_of(run, lambda: remaining)

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The inbound function's answer to a gateway's event."""
        with self.iam.acting("InboundFunction"):
            return dict(self._answering(event))

    @cached_property
    def _answering(self) -> AnswerCalls:
        return build_inbound(self.settings(InboundSettings), self.clock, self.randomness)

    @cached_property
    def worker(self) -> Worker:
        return build_inbound_worker(
            self.settings(InboundWorkerSettings), self.clock, self.randomness
        )

    def work(self, records: Sequence[dict[str, Any]] | None = None) -> Sequence[str]:
        """The inbound worker's turn with these messages, or with what is in its queue."""
        messages = self.received("inbound") if records is None else records
        with self.iam.acting("InboundWorkerFunction"):
            return self.worker.batch(messages)

    @contextmanager
    def entry_point(self, function: str) -> Iterator[Callable[[Any, Any], Any]]:
        """The very function that Lambda calls, in its environment, as at a cold start."""
        package = SETTINGS[function].__module__.partition(".")[0]
        with pytest.MonkeyPatch.context() as environment:
            for name, value in self.environment(function).items():
                environment.setenv(name, value)
            sys.modules.pop(f"{package}.handler", None)
            with self.iam.acting(function):
                yield importlib.import_module(f"{package}.handler").handler

    # -- what triggers them -----------------------------------------------------------------------

    def deliver(self) -> None:
        """Fans out what was accepted and makes every attempt that is due, until nothing is."""
        worked = True
        while worked:
            worked = self._fan_out_new() | self._attempt("deliveries") | self._attempt("retries")

    def fan_out_again(self) -> None:
        """Lets the events that are stored now enter the stream once more."""
        self._fanned_out.clear()

    def inbound(self, uri: str, body: bytes, headers: Mapping[str, str], query: str = "") -> str:
        """A third party's call of `acme`: its answer's body, once the worker is done with it."""
        event = gateway_event("POST", f"/in/acme/{uri}", headers=headers, body=body)
        answer = self.answer(event | {"rawQueryString": query})
        self.work()
        return str(answer["body"])

    def received(self, queue: str) -> list[dict[str, Any]]:
        """What is due in a queue, as Lambda hands it over: hidden from then on."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queues[queue],
            MaxNumberOfMessages=10,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{table_name(queue)}",
            }
            for message in answer.get("Messages", ())
        ]

    def bodies(self, queue: str) -> list[str]:
        """All that is visible in a queue; taken out of it."""
        found: list[str] = []
        while messages := self.received(queue):
            found += [message["body"] for message in messages]
        return found

    def count(self, queue: str, which: str = "ApproximateNumberOfMessages") -> int:
        """How many messages a queue says to have."""
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.queues[queue],
            AttributeNames=[which],  # type: ignore[list-item]  # the stubs want literal names
        )
        return int(answer["Attributes"][which])  # type: ignore[index]  # as above

    def _fan_out_new(self) -> bool:
        items = self.dynamodb.scan(TableName=table_name("events"))["Items"]
        new = [item for item in items if from_wire(item)["event"] not in self._fanned_out]
        if new:
            self._runs += 1
            assert self.fan_out(stream_event(new), f"run-{self._runs}") == []
        self._fanned_out |= {str(from_wire(item)["event"]) for item in new}
        return bool(new)

    def _attempt(self, queue: str) -> bool:
        messages = self.received(queue)
        failed = self.send({"Records": messages}) if messages else []
        for message in messages:
            if message["messageId"] not in failed:
                self.sqs.delete_message(
                    QueueUrl=self.queues[queue], ReceiptHandle=message["receiptHandle"]
                )
        return bool(messages)


def stream_event(images: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the stream of the events table hands over once these items are stored."""
    return {
        "Records": [
            {
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": str(from_wire(image)["event"]), "NewImage": image},
            }
            for image in images
        ]
    }


# Shared by stacks with the same clock: what they keep outlives no account but as clients do.


@cache
def _stores(settings: ApiSettings, clock: FakeClock, randomness: Randomness) -> ApiStack:
    return api_stack(settings, clock, randomness)


@cache
def _fanout(settings: FanoutSettings, clock: FakeClock) -> Fanout:
    return build_fanout(settings, clock)


@cache
def _sender(settings: SenderSettings, clock: FakeClock, randomness: Randomness) -> DeliveryMessages:
    # No call takes any time: a busy machine's must not count as those of a slow endpoint.
    return build_sender(settings, clock, randomness, stopwatch=lambda: 0.0)


@cache
def _scheduler(settings: SchedulerSettings, clock: FakeClock, randomness: Randomness) -> Round:
    return build_scheduler(settings, clock, randomness)
