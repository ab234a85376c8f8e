"""Puts the sender together: the adapters behind its ports, and what `wiring` puts over them."""

from __future__ import annotations

import logging
import random
import time

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters, SqsRetryTimers
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.snapshots import DynamoSnapshots, SnapshotTables
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook.changes import DynamoWebhookChanges
from hookline.adapters.dynamo.webhook.health import DynamoWebhookHealth
from hookline.adapters.dynamo.webhook.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions, DynamoWebhooks
from hookline.adapters.http.caller import GuardedCaller
from hookline.adapters.http.exchange import MonotonicClock
from hookline.adapters.telemetry.log_lines import start_logging
from hookline.adapters.telemetry.metrics import Metrics
from hookline.adapters.threads import Threads
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import WebhookSecrets
from hookline.ports import Clock, Randomness
from hookline.services.delivery.retry_budget import RetryBudget
from hookline_sender.messages import DeliveryMessages
from hookline_sender.settings import SenderSettings
from hookline_sender.wiring import SenderPorts, sender_over


def build_sender(
    settings: SenderSettings,
    clock: Clock,
    randomness: Randomness,
    stopwatch: MonotonicClock = time.monotonic,
) -> DeliveryMessages:
    """The sender over AWS and the network; ``stopwatch`` is what calls are timed by."""
    start_logging("sender", settings.log_level)
    return sender_over(
        _ports(settings, clock, randomness, stopwatch),
        rules=Surroundings(
            allow_http=settings.allow_http,
            retention=settings.retention,
            header_prefix=settings.header_prefix,
            allowed_networks=settings.allowed_networks,
        ),
        budget=RetryBudget.of_one_in(
            # The delivery and the retry queue each have their own maximum.
            2 * settings.sender_maximum_concurrency,
            settings.parking_ceiling,
        ),
        jitter=random.random,
        retry_queue_url=settings.retry_queue_url,
        logger=logging.getLogger("hookline.sender"),
        metrics=Metrics("sender", settings.stage, clock),
    )


def _ports(
    settings: SenderSettings, clock: Clock, randomness: Randomness, stopwatch: MonotonicClock
) -> SenderPorts:
    threads = settings.sender_concurrency
    clients = Clients()
    dynamodb = clients.dynamodb(connections=threads)
    sqs = clients.sqs(connections=threads)
    batches, retention = Batches(dynamodb), settings.retention
    webhooks, subscriptions = settings.webhooks_table, settings.subscriptions_table
    deliveries, health = settings.deliveries_table, settings.webhook_health_table
    tables = SnapshotTables(
        deliveries=deliveries,
        webhooks=webhooks,
        webhook_health=health,
        events=settings.events_table,
    )
    return SenderPorts(
        snapshots=DynamoSnapshots(tables, batches, clock),
        delivery_changes=DynamoDeliveryChanges(
            dynamodb, deliveries, settings.attempts_table, retention, clock
        ),
        webhooks=DynamoWebhooks(dynamodb, webhooks),
        webhook_changes=DynamoWebhookChanges(dynamodb, webhooks, subscriptions),
        health=DynamoWebhookHealth(dynamodb, health, batches, randomness),
        rate_limits=DynamoRateLimits(dynamodb, health),
        vault=KmsVault(
            Sealer(clients.kms(connections=threads), settings.kms_key_id), "webhook", WebhookSecrets
        ),
        call=GuardedCaller(allowed_networks=settings.allowed_networks, clock=stopwatch),
        retry_timers=SqsRetryTimers(Queue(sqs, settings.retry_queue_url)),
        dead_letters=SqsDeadLetters(Queue(sqs, settings.dead_letter_queue_url)),
        events=DynamoEvents(dynamodb, settings.events_table, retention, clock, randomness),
        subscriptions=DynamoSubscriptions(dynamodb, subscriptions),
        concurrently=Threads(threads),
        clock=clock,
    )
