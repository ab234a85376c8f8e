"""Every adapter over AWS and the network, each built once, when somebody first asks for it.

A function's wiring takes what it needs by name, and imports nothing else: each module here is
imported where its adapter is built. Tests put stand-ins under the same names.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from hookline.adapters.stack_base import StackBase

if TYPE_CHECKING:
    from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries
    from hookline.adapters.dynamo.identity.tenants import DynamoTenants
    from hookline.domain.delivery.call import Caller
    from hookline.domain.webhook.surroundings import Surroundings
    from hookline.ports.deliveries import (
        DeliveryChanges,
        DeliveryLog,
        Due,
        NewDeliveries,
        RecoverJobs,
    )
    from hookline.ports.events import Bookmarks, Events, FanOuts, FanOutSteps
    from hookline.ports.rounds import Leases, Pieces
    from hookline.ports.sending import (
        DeadLetters,
        FirstAttempts,
        MoreMessages,
        RateLimits,
        RetryTimers,
        Snapshots,
    )
    from hookline.ports.webhooks import (
        CountedWebhooks,
        FilterFailureCounts,
        Subscriptions,
        Vault,
        WebhookChanges,
        WebhookHealth,
    )


class Stack(StackBase):
    """The adapters of one process, by the names of their ports."""

    @cached_property
    def surroundings(self) -> Surroundings:
        from hookline.domain.webhook.surroundings import Surroundings

        return Surroundings(
            allow_http=self.settings.allow_http,
            retention=self.settings.retention,
            header_prefix=self.settings.header_prefix,
            allowed_networks=self.settings.allowed_networks,
        )

    @cached_property
    def tenants(self) -> DynamoTenants:
        from hookline.adapters.dynamo.identity.tenants import DynamoTenants

        return DynamoTenants(self.dynamodb, self.settings.principals_table)

    @cached_property
    def webhooks(self) -> CountedWebhooks:
        from hookline.adapters.dynamo.webhook.webhooks import DynamoWebhooks

        return DynamoWebhooks(self.dynamodb, self.settings.webhooks_table)

    @cached_property
    def webhook_changes(self) -> WebhookChanges:
        from hookline.adapters.dynamo.webhook.changes import DynamoWebhookChanges

        tables = self.settings.webhooks_table, self.settings.subscriptions_table
        return DynamoWebhookChanges(self.dynamodb, *tables)

    @cached_property
    def health(self) -> WebhookHealth:
        from hookline.adapters.dynamo.webhook.health import DynamoWebhookHealth

        table = self.settings.webhook_health_table
        return DynamoWebhookHealth(self.dynamodb, table, self.batches, self.randomness)

    @cached_property
    def filter_failures(self) -> FilterFailureCounts:
        from hookline.adapters.dynamo.webhook.health import DynamoFilterFailureCounts

        client = self.clients.dynamodb(connections=self.threads, attempts=1)
        return DynamoFilterFailureCounts(client, self.settings.webhook_health_table)

    @cached_property
    def rate_limits(self) -> RateLimits:
        from hookline.adapters.dynamo.webhook.rate_limits import DynamoRateLimits

        return DynamoRateLimits(self.dynamodb, self.settings.webhook_health_table)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions

        return DynamoSubscriptions(self.dynamodb, self.settings.subscriptions_table)

    @cached_property
    def hasty_subscriptions(self) -> Subscriptions:
        from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions

        client = self.clients.dynamodb(connections=self.threads, attempts=1)
        return DynamoSubscriptions(client, self.settings.subscriptions_table)

    @cached_property
    def vault(self) -> Vault:
        from hookline.adapters.aws.kms import KmsVault
        from hookline.domain.webhook.webhook import WebhookSecrets

        return KmsVault(self.sealer, "webhook", WebhookSecrets)

    @cached_property
    def events(self) -> Events:
        from hookline.adapters.dynamo.event.events import DynamoEvents

        table, retention = self.settings.events_table, self.settings.retention
        shards = self.settings.key_shards
        return DynamoEvents(self.dynamodb, table, retention, self.clock, self.randomness, shards)

    @cached_property
    def fan_outs(self) -> FanOuts:
        from hookline.adapters.dynamo.event.fan_outs import DynamoFanOuts

        table, retention = self.settings.fan_outs_table, self.settings.retention
        return DynamoFanOuts(self.dynamodb, table, retention, self.clock, self.settings.key_shards)

    @cached_property
    def bookmarks(self) -> Bookmarks:
        from hookline.adapters.dynamo.event.bookmarks import DynamoBookmarks

        return DynamoBookmarks(self.dynamodb, self.settings.schedule_table)

    @cached_property
    def leases(self) -> Leases:
        from hookline.adapters.dynamo.event.leases import DynamoLeases

        return DynamoLeases(self.dynamodb, self.settings.schedule_table)

    @cached_property
    def pieces(self) -> Pieces:
        from hookline.adapters.aws.lambda_pieces import LambdaPieces

        client = self.clients.lambdas(timedelta(seconds=5))
        return LambdaPieces(client, self.settings.scheduler_function)

    @cached_property
    def fan_out_steps(self) -> FanOutSteps:
        from hookline.adapters.aws.work_queues import SqsFanOutSteps

        return SqsFanOutSteps(self.queue(self.settings.fan_out_queue_url))

    @cached_property
    def new_deliveries(self) -> NewDeliveries:
        from hookline.adapters.dynamo.delivery.deliveries import DynamoNewDeliveries

        table, retention = self.settings.deliveries_table, self.settings.retention
        shards = self.settings.key_shards
        return DynamoNewDeliveries(self.dynamodb, table, self.batches, retention, shards)

    @cached_property
    def deliveries(self) -> DynamoDeliveries:
        from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries

        table, shards = self.settings.deliveries_table, self.settings.key_shards
        return DynamoDeliveries(table, self.batches, self.clock, shards)

    @cached_property
    def delivery_changes(self) -> DeliveryChanges:
        from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges

        tables = self.settings.deliveries_table, self.settings.attempts_table
        retention, shards = self.settings.retention, self.settings.key_shards
        return DynamoDeliveryChanges(self.dynamodb, *tables, retention, self.clock, shards)

    @cached_property
    def delivery_log(self) -> DeliveryLog:
        from hookline.adapters.dynamo.delivery.delivery_log import DynamoDeliveryLog

        tables = self.settings.deliveries_table, self.settings.attempts_table
        return DynamoDeliveryLog(self.dynamodb, *tables, self.clock, self.settings.key_shards)

    @cached_property
    def due(self) -> Due:
        from hookline.adapters.dynamo.delivery.due import DynamoDue

        table, retention = self.settings.deliveries_table, self.settings.retention
        return DynamoDue(self.dynamodb, table, retention, self.clock, self.settings.key_shards)

    @cached_property
    def snapshots(self) -> Snapshots:
        from hookline.adapters.dynamo.delivery.snapshots import DynamoSnapshots, SnapshotTables

        tables = SnapshotTables(
            deliveries=self.settings.deliveries_table,
            webhooks=self.settings.webhooks_table,
            webhook_health=self.settings.webhook_health_table,
            events=self.settings.events_table,
        )
        return DynamoSnapshots(tables, self.batches, self.clock, self.settings.key_shards)

    @cached_property
    def recover_jobs(self) -> RecoverJobs:
        from hookline.adapters.dynamo.delivery.recover_jobs import DynamoRecoverJobs

        table, retention = self.settings.recover_jobs_table, self.settings.retention
        return DynamoRecoverJobs(self.dynamodb, table, retention, self.clock)

    @cached_property
    def call(self) -> Caller:
        from hookline.adapters.http.caller import GuardedCaller

        networks = self.settings.allowed_networks
        return GuardedCaller(allowed_networks=networks, clock=self.stopwatch)

    @cached_property
    def first_attempts(self) -> FirstAttempts:
        from hookline.adapters.aws.sqs import SqsFirstAttempts

        return SqsFirstAttempts(self.queue(self.settings.delivery_queue_url))

    @cached_property
    def retry_timers(self) -> RetryTimers:
        from hookline.adapters.aws.sqs import SqsRetryTimers

        return SqsRetryTimers(self.queue(self.settings.retry_queue_url))

    @cached_property
    def more_first_attempts(self) -> MoreMessages:
        from hookline.adapters.aws.sqs import SqsMoreMessages

        return SqsMoreMessages(self.sqs, self.settings.delivery_queue_url)

    @cached_property
    def more_retries(self) -> MoreMessages:
        from hookline.adapters.aws.sqs import SqsMoreMessages

        return SqsMoreMessages(self.sqs, self.settings.retry_queue_url)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        return self._dead_letters(self.settings.dead_letter_queue_url)

    @cached_property
    def stream_dead_letters(self) -> DeadLetters:
        return self._dead_letters(self.settings.stream_dead_letter_queue_url)

    def _dead_letters(self, url: str) -> DeadLetters:
        from hookline.adapters.aws.sqs import SqsDeadLetters

        return SqsDeadLetters(self.queue(url))
