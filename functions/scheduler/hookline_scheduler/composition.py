"""Puts the scheduler together: the adapters behind its ports, and what `wiring` puts over them."""

from __future__ import annotations

import logging

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters, SqsRetryTimers
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries, DynamoNewDeliveries
from hookline.adapters.dynamo.delivery.delivery_log import DynamoDeliveryLog
from hookline.adapters.dynamo.delivery.due import DynamoDue
from hookline.adapters.dynamo.delivery.recover_jobs import DynamoRecoverJobs
from hookline.adapters.dynamo.event.bookmarks import DynamoBookmarks
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.event.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook.health import DynamoWebhookHealth
from hookline.adapters.dynamo.webhook.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions, DynamoWebhooks
from hookline.adapters.telemetry.log_lines import start_logging
from hookline.adapters.telemetry.metrics import Metrics
from hookline.adapters.threads import Threads
from hookline.ports import Clock, Randomness
from hookline_scheduler.round import Round
from hookline_scheduler.settings import SchedulerSettings
from hookline_scheduler.wiring import SchedulerPorts, round_over

_THREADS = 8
"""Writes side by side: they are all that a round spends its time on."""


def build_scheduler(settings: SchedulerSettings, clock: Clock, randomness: Randomness) -> Round:
    """Rounds over AWS."""
    start_logging("scheduler", settings.log_level)
    return round_over(
        _ports(settings, clock, randomness),
        logger=logging.getLogger("hookline.scheduler"),
        metrics=Metrics("scheduler", settings.stage, clock),
    )


def _ports(settings: SchedulerSettings, clock: Clock, randomness: Randomness) -> SchedulerPorts:
    clients = Clients()
    dynamodb = clients.dynamodb(connections=_THREADS)
    sqs = clients.sqs(connections=_THREADS)
    batches, retention = Batches(dynamodb), settings.retention
    deliveries, attempts = settings.deliveries_table, settings.attempts_table
    health = settings.webhook_health_table
    return SchedulerPorts(
        due=DynamoDue(dynamodb, deliveries, retention, clock),
        deliveries=DynamoDeliveries(deliveries, batches, clock),
        new_deliveries=DynamoNewDeliveries(deliveries, batches, retention),
        delivery_changes=DynamoDeliveryChanges(dynamodb, deliveries, attempts, retention, clock),
        delivery_log=DynamoDeliveryLog(dynamodb, deliveries, attempts, clock),
        webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
        health=DynamoWebhookHealth(dynamodb, health, batches, randomness),
        rate_limits=DynamoRateLimits(dynamodb, health),
        recover_jobs=DynamoRecoverJobs(dynamodb, settings.recover_jobs_table, retention, clock),
        tenants=DynamoTenants(dynamodb, settings.principals_table),
        fan_outs=DynamoFanOuts(dynamodb, settings.fan_outs_table, batches, retention, clock),
        bookmarks=DynamoBookmarks(dynamodb, settings.schedule_table),
        retry_timers=SqsRetryTimers(Queue(sqs, settings.retry_queue_url)),
        dead_letters=SqsDeadLetters(Queue(sqs, settings.dead_letter_queue_url)),
        events=DynamoEvents(dynamodb, settings.events_table, retention, clock, randomness),
        subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
        concurrently=Threads(_THREADS),
        clock=clock,
    )
