"""All ports of the core twice: over moto's AWS and in memory, for one suite to hold both."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.aws.sqs import Queue, SqsDeadLetters, SqsFirstAttempts, SqsRetryTimers
from hookline.adapters.aws.work_queues import SqsFanOutSteps
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries, DynamoNewDeliveries
from hookline.adapters.dynamo.delivery.delivery_log import DynamoDeliveryLog
from hookline.adapters.dynamo.delivery.due import DynamoDue
from hookline.adapters.dynamo.delivery.recover_jobs import DynamoRecoverJobs
from hookline.adapters.dynamo.delivery.snapshots import DynamoSnapshots, SnapshotTables
from hookline.adapters.dynamo.event.bookmarks import DynamoBookmarks
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.event.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.identity.idempotency import DynamoIdempotencyRecords
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook.changes import DynamoWebhookChanges
from hookline.adapters.dynamo.webhook.health import DynamoFilterFailureCounts, DynamoWebhookHealth
from hookline.adapters.dynamo.webhook.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions, DynamoWebhooks
from hookline.domain.shards import ONE, Shards
from hookline.ports.deliveries import (
    Deliveries,
    DeliveryChanges,
    DeliveryLog,
    Due,
    NewDeliveries,
    RecoverJobs,
)
from hookline.ports.events import Bookmarks, Events, FanOuts, FanOutSteps
from hookline.ports.requests import IdempotencyRecords
from hookline.ports.sending import DeadLetters, FirstAttempts, RateLimits, RetryTimers, Snapshots
from hookline.ports.webhooks import (
    CountedWebhooks,
    FilterFailureCounts,
    Subscriptions,
    WebhookChanges,
    WebhookHealth,
)
from tests.builders import NOW
from tests.engine.clock import FakeClock
from tests.engine.engine import Engine
from tests.worlds.resources import create_queues, create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

RETENTION = timedelta(days=30)

SHARDED: dict[str, Shards] = {
    "aws": ONE,
    "aws in shards": Shards(((NOW - timedelta(days=60), 4),)),
    "aws over a step": Shards(((NOW + timedelta(seconds=90), 4),)),
}
"""Lists of shards, by the name of the engine that has them."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as a consumer sees it."""

    body: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """``receive`` takes what is visible in a queue, by its name, and hides it."""

    clock: FakeClock
    webhooks: CountedWebhooks
    webhook_changes: WebhookChanges
    subscriptions: Subscriptions
    health: WebhookHealth
    filter_failures: FilterFailureCounts
    events: Events
    fan_outs: FanOuts
    new_deliveries: NewDeliveries
    deliveries: Deliveries
    delivery_changes: DeliveryChanges
    delivery_log: DeliveryLog
    due: Due
    snapshots: Snapshots
    idempotency: IdempotencyRecords
    bookmarks: Bookmarks
    rate_limits: RateLimits
    recover_jobs: RecoverJobs
    first_attempts: FirstAttempts
    retry_timers: RetryTimers
    dead_letters: DeadLetters
    fan_out_steps: FanOutSteps
    receive: Callable[[str], Sequence[Received]]


def ports_over(*engines: str) -> Any:
    """The fixture `ports`, of which each test gets one after the other."""

    @pytest.fixture(params=engines)
    def ports(request: pytest.FixtureRequest) -> Ports:
        if request.param == "memory":
            return in_memory()
        clients = request.getfixturevalue("dynamodb"), request.getfixturevalue("sqs")
        return on_aws(*clients, SHARDED[request.param])

    return ports


def in_memory() -> Ports:
    engine = Engine(retention=RETENTION)
    queues = {
        "deliveries": engine.delivery_queue,
        "retries": engine.retry_queue,
        "fan-outs": engine.fan_out_queue,
        "dead-letters": engine.dead_letter_queue,
    }

    def receive(name: str) -> Sequence[Received]:
        return [Received(each.body, each.handle) for each in queues[name].receive()]

    return Ports(
        clock=engine.clock,
        webhooks=engine.webhooks,
        webhook_changes=engine.webhook_changes,
        subscriptions=engine.subscriptions,
        health=engine.health,
        filter_failures=engine.filter_failures,
        events=engine.events,
        fan_outs=engine.fan_outs,
        new_deliveries=engine.new_deliveries,
        deliveries=engine.deliveries,
        delivery_changes=engine.delivery_changes,
        delivery_log=engine.delivery_log,
        due=engine.due,
        snapshots=engine.snapshots,
        idempotency=engine.idempotency,
        bookmarks=engine.bookmarks,
        rate_limits=engine.rate_limits,
        recover_jobs=engine.recover_jobs,
        first_attempts=engine.first_attempts,
        retry_timers=engine.retry_timers,
        dead_letters=engine.dead_letters,
        fan_out_steps=engine.fan_out_steps,
        receive=receive,
    )


def on_aws(dynamodb: DynamoDBClient, sqs: SQSClient, shards: Shards = ONE) -> Ports:
    """Over whatever answers the clients: within moto's `mock_aws`."""
    create_tables(dynamodb)
    return on_tables(dynamodb, sqs, shards)


def on_tables(dynamodb: DynamoDBClient, sqs: SQSClient, shards: Shards) -> Ports:
    """Over tables that are there, such as after a deploy that changed the shards."""
    urls = create_queues(sqs)
    clock = FakeClock()
    batches = Batches(dynamodb)
    deliveries, attempts = table_name("deliveries"), table_name("attempts")

    def receive(name: str) -> Sequence[Received]:
        answer = sqs.receive_message(QueueUrl=urls[name], MaxNumberOfMessages=10)
        return [
            Received(each["Body"], each["ReceiptHandle"]) for each in answer.get("Messages", ())
        ]

    return Ports(
        clock=clock,
        webhooks=DynamoWebhooks(dynamodb, table_name("webhooks")),
        webhook_changes=DynamoWebhookChanges(
            dynamodb, table_name("webhooks"), table_name("subscriptions")
        ),
        subscriptions=DynamoSubscriptions(dynamodb, table_name("subscriptions")),
        health=DynamoWebhookHealth(
            dynamodb, table_name("webhook-health"), batches, random.randbytes
        ),
        events=DynamoEvents(
            dynamodb, table_name("events"), RETENTION, clock, random.randbytes, shards
        ),
        fan_outs=DynamoFanOuts(dynamodb, table_name("fan-outs"), RETENTION, clock, shards),
        new_deliveries=DynamoNewDeliveries(dynamodb, deliveries, batches, RETENTION, shards),
        deliveries=DynamoDeliveries(deliveries, batches, clock, shards),
        delivery_changes=DynamoDeliveryChanges(
            dynamodb, deliveries, attempts, RETENTION, clock, shards
        ),
        delivery_log=DynamoDeliveryLog(dynamodb, deliveries, attempts, clock, shards),
        due=DynamoDue(dynamodb, deliveries, RETENTION, clock, shards),
        snapshots=DynamoSnapshots(snapshot_tables(), batches, clock, shards),
        idempotency=DynamoIdempotencyRecords(table_name("idempotency"), random.randbytes),
        bookmarks=DynamoBookmarks(dynamodb, table_name("schedule")),
        filter_failures=DynamoFilterFailureCounts(dynamodb, table_name("webhook-health")),
        rate_limits=DynamoRateLimits(dynamodb, table_name("webhook-health")),
        recover_jobs=DynamoRecoverJobs(dynamodb, table_name("recover-jobs"), RETENTION, clock),
        first_attempts=SqsFirstAttempts(Queue(sqs, urls["deliveries"])),
        retry_timers=SqsRetryTimers(Queue(sqs, urls["retries"])),
        dead_letters=SqsDeadLetters(Queue(sqs, urls["dead-letters"])),
        fan_out_steps=SqsFanOutSteps(Queue(sqs, urls["fan-outs"])),
        receive=receive,
    )


def snapshot_tables() -> SnapshotTables:
    return SnapshotTables(
        deliveries=table_name("deliveries"),
        webhooks=table_name("webhooks"),
        webhook_health=table_name("webhook-health"),
        events=table_name("events"),
    )
