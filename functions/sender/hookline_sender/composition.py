"""Puts the sender together: adapters, services on top of them, translation on top of those."""

from __future__ import annotations

import logging
import random

from hookline.adapters.aws import Clients
from hookline.adapters.dynamo.batches import Batches
from hookline.adapters.dynamo.delivery_changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.events import DynamoEvents
from hookline.adapters.dynamo.health import DynamoWebhookHealth
from hookline.adapters.dynamo.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.snapshots import DynamoSnapshots, SnapshotTables
from hookline.adapters.dynamo.subscriptions import DynamoSubscriptions
from hookline.adapters.dynamo.webhook_changes import DynamoWebhookChanges
from hookline.adapters.dynamo.webhooks import DynamoWebhooks
from hookline.adapters.http.caller import GuardedCaller
from hookline.adapters.kms import KmsVault, Sealer
from hookline.adapters.log_lines import start_logging
from hookline.adapters.metrics import Metrics
from hookline.adapters.sqs import Queue, SqsDeadLetters, SqsRetryTimers
from hookline.adapters.threads import Threads
from hookline.domain.webhook_rules import Surroundings
from hookline.ports import Clock, Randomness
from hookline.services.deliver import Deliver
from hookline.services.deliver_one import DeliverOne
from hookline.services.give_up import GiveUp
from hookline.services.make_attempt import MakeAttempt
from hookline.services.operational_events import OperationalEvents
from hookline.services.record_attempt import RecordAttempt
from hookline.services.retry_budget import RetryBudget
from hookline.services.switch_off import SwitchOff
from hookline.settings import SenderSettings
from hookline_sender.messages import DeliveryMessages


def build_sender(
    settings: SenderSettings, clock: Clock, randomness: Randomness
) -> DeliveryMessages:
    """Both queues' messages go the same way."""
    start_logging("sender", settings.log_level)
    threads = settings.sender_concurrency
    clients = Clients()
    dynamodb = clients.dynamodb(connections=threads)
    sqs = clients.sqs(connections=threads)
    batches, retention = Batches(dynamodb), settings.retention
    health = DynamoWebhookHealth(dynamodb, settings.webhook_health_table, batches, randomness)
    changes = DynamoDeliveryChanges(
        dynamodb, settings.deliveries_table, settings.attempts_table, retention, clock
    )
    dead_letters = SqsDeadLetters(Queue(sqs, settings.dead_letter_queue_url))
    tell = OperationalEvents(
        events=DynamoEvents(dynamodb, settings.events_table, retention, clock, randomness),
        subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
        clock=clock,
    )
    give_up = GiveUp(dead_letters=dead_letters, tell=tell)
    deliver_one = DeliverOne(
        changes=changes,
        make_attempt=MakeAttempt(
            vault=KmsVault(Sealer(clients.kms(connections=threads), settings.kms_key_id)),
            call=GuardedCaller(allowed_networks=settings.allowed_networks),
            rules=Surroundings(
                allow_http=settings.allow_http,
                retention=retention,
                header_prefix=settings.header_prefix,
                allowed_networks=settings.allowed_networks,
            ),
            clock=clock,
        ),
        record=RecordAttempt(
            changes=changes,
            give_up=give_up,
            budget=RetryBudget.of_one_in(
                # The delivery and the retry queue each have their own maximum.
                2 * settings.sender_maximum_concurrency,
                settings.parking_ceiling,
            ),
            jitter=random.random,
        ),
        dead_letters=dead_letters,
        give_up=give_up,
        switch_off=SwitchOff(
            webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
            changes=DynamoWebhookChanges(
                dynamodb, settings.webhooks_table, settings.subscriptions_table
            ),
            health=health,
            tell=tell,
        ),
        rate_limits=DynamoRateLimits(dynamodb, settings.webhook_health_table),
        clock=clock,
    )
    deliver = Deliver(
        snapshots=DynamoSnapshots(
            SnapshotTables(
                deliveries=settings.deliveries_table,
                webhooks=settings.webhooks_table,
                webhook_health=settings.webhook_health_table,
                events=settings.events_table,
            ),
            batches,
            clock,
        ),
        deliver_one=deliver_one,
        timers=SqsRetryTimers(Queue(sqs, settings.retry_queue_url)),
        health=health,
        tell=tell,
        concurrently=Threads(threads),
        clock=clock,
    )
    return DeliveryMessages(
        deliver=deliver,
        dead_letters=dead_letters,
        retry_queue_url=settings.retry_queue_url,
        logger=logging.getLogger("hookline.sender"),
        metrics=Metrics("sender", settings.stage, clock),
    )
