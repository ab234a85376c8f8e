"""Puts the scheduler together: adapters, services on top of them, rounds on top of those."""

from __future__ import annotations

import logging

from hookline.adapters.aws import Clients
from hookline.adapters.dynamo.batches import Batches
from hookline.adapters.dynamo.bookmarks import DynamoBookmarks
from hookline.adapters.dynamo.deliveries import DynamoDeliveries
from hookline.adapters.dynamo.delivery_changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery_log import DynamoDeliveryLog
from hookline.adapters.dynamo.due import DynamoDue
from hookline.adapters.dynamo.events import DynamoEvents
from hookline.adapters.dynamo.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.health import DynamoWebhookHealth
from hookline.adapters.dynamo.new_deliveries import DynamoNewDeliveries
from hookline.adapters.dynamo.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.recover_jobs import DynamoRecoverJobs
from hookline.adapters.dynamo.subscriptions import DynamoSubscriptions
from hookline.adapters.dynamo.tenants import DynamoTenants
from hookline.adapters.dynamo.webhooks import DynamoWebhooks
from hookline.adapters.log_lines import start_logging
from hookline.adapters.metrics import Metrics
from hookline.adapters.sqs import Queue, SqsDeadLetters, SqsRetryTimers
from hookline.adapters.threads import Threads
from hookline.ports import Clock, Randomness
from hookline.services.advance_recovery import AdvanceRecoveries, AdvanceRecovery
from hookline.services.end_waiting import EndWaiting
from hookline.services.give_up import GiveUp
from hookline.services.let_go import LetGo
from hookline.services.look_after import LookAfterWebhooks
from hookline.services.mend_chunk import MendChunk
from hookline.services.operational_events import OperationalEvents
from hookline.services.release_due import ReleaseDue
from hookline.services.sweep import Sweep
from hookline.services.waiting_deliveries import WaitingDeliveries
from hookline.settings import SchedulerSettings
from hookline_scheduler.round import Round

_THREADS = 8
"""Writes side by side: they are all that a round spends its time on."""


def build_scheduler(settings: SchedulerSettings, clock: Clock, randomness: Randomness) -> Round:
    """One round, which is given each minute."""
    start_logging("scheduler", settings.log_level)
    clients = Clients()
    dynamodb = clients.dynamodb(connections=_THREADS)
    sqs = clients.sqs(connections=_THREADS)
    batches, retention = Batches(dynamodb), settings.retention
    deliveries, attempts = settings.deliveries_table, settings.attempts_table
    changes = DynamoDeliveryChanges(dynamodb, deliveries, attempts, retention, clock)
    by_key = DynamoDeliveries(deliveries, batches, clock)
    fan_outs = DynamoFanOuts(dynamodb, settings.fan_outs_table, batches, retention, clock)
    waiting = WaitingDeliveries(
        due=DynamoDue(dynamodb, deliveries, retention, clock),
        deliveries=by_key,
        changes=changes,
        timers=SqsRetryTimers(Queue(sqs, settings.retry_queue_url)),
        concurrently=Threads(_THREADS),
    )
    tell = OperationalEvents(
        events=DynamoEvents(dynamodb, settings.events_table, retention, clock, randomness),
        subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
        clock=clock,
    )
    webhooks = DynamoWebhooks(dynamodb, settings.webhooks_table)
    log = DynamoDeliveryLog(dynamodb, deliveries, attempts, clock)
    jobs = DynamoRecoverJobs(dynamodb, settings.recover_jobs_table, retention, clock)
    dead_letters = SqsDeadLetters(Queue(sqs, settings.dead_letter_queue_url))
    return Round(
        release_due=ReleaseDue(waiting=waiting, clock=clock),
        look_after=LookAfterWebhooks(
            health=DynamoWebhookHealth(
                dynamodb, settings.webhook_health_table, batches, randomness
            ),
            webhooks=webhooks,
            waiting=waiting,
            let_go=LetGo(
                waiting=waiting,
                rate_limits=DynamoRateLimits(dynamodb, settings.webhook_health_table),
                clock=clock,
            ),
            end_waiting=EndWaiting(
                waiting=waiting,
                log=log,
                give_up=GiveUp(dead_letters=dead_letters, tell=tell),
                clock=clock,
            ),
            clock=clock,
        ),
        sweep=Sweep(
            tenants=DynamoTenants(dynamodb, settings.principals_table),
            fan_outs=fan_outs,
            bookmarks=DynamoBookmarks(dynamodb, settings.schedule_table),
            deliveries=by_key,
            mend_chunk=MendChunk(
                fan_outs=fan_outs,
                new_deliveries=DynamoNewDeliveries(deliveries, batches, retention),
                deliveries=by_key,
                changes=changes,
                clock=clock,
            ),
            clock=clock,
        ),
        recover=AdvanceRecoveries(
            jobs=jobs,
            advance=AdvanceRecovery(
                jobs=jobs, webhooks=webhooks, log=log, waiting=waiting, clock=clock
            ),
            clock=clock,
        ),
        logger=logging.getLogger("hookline.scheduler"),
        metrics=Metrics("scheduler", settings.stage, clock),
    )
