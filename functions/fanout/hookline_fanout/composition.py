"""Puts the fan-out together: the adapters behind its ports, and what `wiring` puts over them."""

from __future__ import annotations

import logging

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters, SqsFirstAttempts
from hookline.adapters.aws.work_queues import SqsFanOutSteps
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries, DynamoNewDeliveries
from hookline.adapters.dynamo.event.bookmarks import DynamoBookmarks
from hookline.adapters.dynamo.event.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions, DynamoWebhooks
from hookline.adapters.telemetry.log_lines import start_logging
from hookline.adapters.telemetry.metrics import Metrics
from hookline.adapters.threads import Threads
from hookline.ports import Clock
from hookline.services.fan_out.fan_out import CLAIMS_AT_ONCE
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import Fanout, FanoutPorts, fanout_over


def build_fanout(settings: FanoutSettings, clock: Clock) -> Fanout:
    """The fan-out over AWS."""
    start_logging("fanout", settings.log_level)
    return fanout_over(
        _ports(settings, clock),
        logger=logging.getLogger("hookline.fanout"),
        metrics=Metrics("fanout", settings.stage, clock),
    )


def _ports(settings: FanoutSettings, clock: Clock) -> FanoutPorts:
    clients = Clients()
    dynamodb, sqs = clients.dynamodb(connections=CLAIMS_AT_ONCE), clients.sqs()
    batches, retention = Batches(dynamodb), settings.retention
    deliveries = settings.deliveries_table
    return FanoutPorts(
        subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
        webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
        fan_outs=DynamoFanOuts(dynamodb, settings.fan_outs_table, batches, retention, clock),
        new_deliveries=DynamoNewDeliveries(deliveries, batches, retention),
        deliveries=DynamoDeliveries(deliveries, batches, clock),
        delivery_changes=DynamoDeliveryChanges(
            dynamodb, deliveries, settings.attempts_table, retention, clock
        ),
        bookmarks=DynamoBookmarks(dynamodb, settings.schedule_table),
        first_attempts=SqsFirstAttempts(Queue(sqs, settings.delivery_queue_url)),
        fan_out_steps=SqsFanOutSteps(Queue(sqs, settings.fan_out_queue_url)),
        stream_dead_letters=SqsDeadLetters(Queue(sqs, settings.stream_dead_letter_queue_url)),
        concurrently=Threads(CLAIMS_AT_ONCE),
        clock=clock,
    )
