"""The tests' stack over moto, with a meter on what its functions ask of AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, override

from bench import workload
from bench.meter import Meter
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import Fanout, build_fanout
from hookline_sender.messages import DeliveryMessages
from hookline_sender.settings import SenderSettings
from hookline_sender.wiring import build_sender
from tests.engine.clock import FakeClock
from tests.worlds.account import an_account
from tests.worlds.client import ROOT_KEY, gateway_event
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack, stream_event

_FUNCTIONS = ("ApiFunction", "FanoutFunction", "SenderFunction")


class Steady(FakeClock):
    """A clock of which no wait is seen: on a busy machine the quickest endpoint looks slow."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    @override
    def __call__(self) -> datetime:
        self.advance(timedelta(microseconds=100))
        return self.now


def long_enough() -> timedelta:
    """What is left of an invocation's time: as much as a function has at its start."""
    return timedelta(seconds=60)


class World:
    """One deployed stack with one tenant, its functions and what goes from one to the next."""

    def __init__(self, stack: Stack, meter: Meter) -> None:
        self.stack = stack
        self.meter = meter
        self.client = stack.client(workload.TENANT)
        self.fanout: Fanout = build_fanout(stack.settings(FanoutSettings), stack.clock)
        self.sender: DeliveryMessages = build_sender(
            stack.settings(SenderSettings),
            stack.clock,
            stack.randomness,
            lambda: stack.clock().timestamp(),
        )

    @property
    def environment(self) -> dict[str, str]:
        """Of the measured functions together."""
        given = (self.stack.environment(function) for function in _FUNCTIONS)
        return {name: value for each in given for name, value in each.items()}

    def publish(self) -> str:
        """The id of one more event."""
        body = workload.published(workload.event()).encode()
        return str(self.client("POST", "/events", raw=body).json["id"])

    def stream_record(self, event_id: str) -> dict[str, Any]:
        """What the stream of the events table carries once the event is accepted."""
        key = {"event": {"S": f"{workload.TENANT}#{event_id}"}}
        image = self.stack.dynamodb.get_item(TableName=table_name("events"), Key=key)["Item"]
        (record,) = stream_event([image])["Records"]
        return dict(record)

    def messages(self, queue: str, most: int = 10) -> Sequence[dict[str, Any]]:
        """Up to ``most`` messages of a queue, in batches of ten, as Lambda hands them on."""
        records: list[dict[str, Any]] = []
        while len(records) < most and (found := self.stack.received(queue)):
            for message in found:
                self.stack.sqs.delete_message(
                    QueueUrl=self.stack.queues[queue], ReceiptHandle=message["receiptHandle"]
                )
            records += found
        return records


@contextmanager
def a_world(endpoints: Sequence[str], watch: Callable[[], None] = lambda: None) -> Iterator[World]:
    """A stack with one tenant, and a webhook for each of the endpoints' addresses.

    ``watch`` may add handlers of botocore's, before the functions' clients are made.
    """
    with an_account():
        stack = Stack(Steady(), PublishQuotaPerSecond="100000")
        meter = Meter(stack.dynamodb)
        meter.install()
        watch()
        world = World(stack, meter)
        for number, url in enumerate(endpoints):
            world.client.a_webhook(name=f"hook {number}", url=url, events=[workload.EVENT_TYPE])
        yield world


def publish_request() -> dict[str, Any]:
    """A publish as the HTTP API hands it to Lambda."""
    return gateway_event(
        "POST",
        f"/v1/tenants/{workload.TENANT}/events",
        headers={"authorization": f"Bearer {ROOT_KEY}"},
        body=workload.published(workload.event()).encode(),
    )
