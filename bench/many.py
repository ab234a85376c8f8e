"""One event to ten thousand webhooks: how many invocations, and what the largest one does.

Over moto everything is written and sent for real, which takes two minutes: its own time says
nothing of ours. What an invocation costs follows from its calls and the CPU of `bench.cpu`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import boto3

from bench.world import Steady, World, a_world
from hookline.domain.ids import new_id
from tests.worlds.resources import table_name

WEBHOOKS = 10_000
_PER_BATCH = 25


def main() -> None:
    """Fans out one event; prints JSON."""
    with redirect_stdout(io.StringIO()):
        measured = measure()
    print(json.dumps(measured))


def measure() -> dict[str, Any]:
    """Counts invocations, calls and what exists in the end."""
    with a_world(["http://127.0.0.1:8999/0/hooks"]) as world:
        _subscribe(WEBHOOKS - 1)
        record = world.stream_record(world.publish())
        calls = [_calls(world, partial(world.fanout.stream, [record], "run", _always))]
        while steps := world.messages("fan-outs", most=WEBHOOKS):
            more = [partial(world.fanout.steps, [step], "run", _always) for step in steps]
            calls += [_calls(world, each) for each in more]
        return {
            "webhooks": WEBHOOKS,
            "deliveries": _deliveries(),
            "invocations": len(calls),
            "most_calls": max(calls),
            "calls_per_delivery": sum(calls) / WEBHOOKS,
        }


def _calls(world: World, work: Callable[[], Sequence[str]]) -> int:
    with world.meter.reading() as bill:
        if work():
            raise RuntimeError("a part of the fan-out was not done")
    # moto's queues take longer for each message the more they hold.
    sqs, url = world.stack.sqs, world.stack.queues["deliveries"]
    sqs.delete_queue(QueueUrl=url)
    sqs.create_queue(QueueName=url.rpartition("/")[2])
    return bill.total_calls()


def _always() -> bool:
    """There is time."""
    return True


def _subscribe(times: int) -> None:
    """As many webhooks more, as fan-out sees them: by what they subscribe to."""
    dynamodb = boto3.client("dynamodb")
    table = table_name("subscriptions")
    items = dynamodb.scan(TableName=table)["Items"]
    (item,) = (each for each in items if each["webhook_id"]["S"].startswith("wh_"))
    requests: list[Any] = []
    now = Steady()()
    for number in range(times):
        webhook_id = new_id("wh", now, number.to_bytes(10))
        requests.append({"PutRequest": {"Item": {**item, "webhook_id": {"S": webhook_id}}}})
    for start in range(0, times, _PER_BATCH):
        dynamodb.batch_write_item(RequestItems={table: requests[start : start + _PER_BATCH]})


def _deliveries() -> int:
    table = table_name("deliveries")
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table, Select="COUNT")
    return sum(page["Count"] for page in pages)


if __name__ == "__main__":
    main()
