"""Puts the fan-out together: adapters, services on top of them, translation on top of those."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hookline.adapters.aws import Clients
from hookline.adapters.dynamo.batches import Batches
from hookline.adapters.dynamo.bookmarks import DynamoBookmarks
from hookline.adapters.dynamo.deliveries import DynamoDeliveries
from hookline.adapters.dynamo.delivery_changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.new_deliveries import DynamoNewDeliveries
from hookline.adapters.dynamo.subscriptions import DynamoSubscriptions
from hookline.adapters.dynamo.webhooks import DynamoWebhooks
from hookline.adapters.log_lines import start_logging
from hookline.adapters.metrics import Metrics
from hookline.adapters.sqs import Queue, SqsDeadLetters, SqsFanOutSteps, SqsFirstAttempts
from hookline.ports import Clock
from hookline.services.create_chunk import CreateChunk
from hookline.services.fan_out import FanOutEvents, FanOutStores
from hookline.services.mend_chunk import MendChunk
from hookline.settings import FanoutSettings
from hookline_fanout.steps import StepMessages
from hookline_fanout.stream import StreamRecords


@dataclass(frozen=True, slots=True)
class Fanout:
    """What each of the function's two triggers calls."""

    stream: StreamRecords
    steps: StepMessages


def build_fanout(settings: FanoutSettings, clock: Clock) -> Fanout:
    """Both triggers over the same adapters."""
    clients = Clients()
    dynamodb, sqs = clients.dynamodb(), clients.sqs()
    batches, retention = Batches(dynamodb), settings.retention
    start_logging("fanout", settings.log_level)
    logger = logging.getLogger("hookline.fanout")
    metrics = Metrics("fanout", settings.stage, clock)
    dead_letters = SqsDeadLetters(Queue(sqs, settings.stream_dead_letter_queue_url))
    first_attempts = SqsFirstAttempts(Queue(sqs, settings.delivery_queue_url))
    fan_outs = DynamoFanOuts(dynamodb, settings.fan_outs_table, batches, retention, clock)
    new_deliveries = DynamoNewDeliveries(settings.deliveries_table, batches, retention)
    deliveries = DynamoDeliveries(settings.deliveries_table, batches, clock)
    fan_out = FanOutEvents(
        stores=FanOutStores(
            subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
            webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
            fan_outs=fan_outs,
            new_deliveries=new_deliveries,
            deliveries=deliveries,
            bookmarks=DynamoBookmarks(dynamodb, settings.schedule_table),
        ),
        first_attempts=first_attempts,
        steps=SqsFanOutSteps(Queue(sqs, settings.fan_out_queue_url)),
        clock=clock,
    )
    create_chunk = CreateChunk(
        fan_outs=fan_outs,
        new_deliveries=new_deliveries,
        first_attempts=first_attempts,
        mend_chunk=MendChunk(
            fan_outs=fan_outs,
            new_deliveries=new_deliveries,
            deliveries=deliveries,
            changes=DynamoDeliveryChanges(
                dynamodb, settings.deliveries_table, settings.attempts_table, retention, clock
            ),
            clock=clock,
        ),
        clock=clock,
    )
    return Fanout(
        StreamRecords(fan_out=fan_out, dead_letters=dead_letters, logger=logger, metrics=metrics),
        StepMessages(
            create_chunk=create_chunk, dead_letters=dead_letters, logger=logger, metrics=metrics
        ),
    )
