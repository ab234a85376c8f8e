"""Everything the API keeps in AWS, built once at cold start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.aws.secrets import StackSecret
from hookline.adapters.aws.sqs import Queue, SqsFirstAttempts, SqsRetryTimers
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.deliveries import DynamoDeliveries, DynamoNewDeliveries
from hookline.adapters.dynamo.delivery.delivery_log import DynamoDeliveryLog
from hookline.adapters.dynamo.delivery.due import DynamoDue
from hookline.adapters.dynamo.delivery.recover_jobs import DynamoRecoverJobs
from hookline.adapters.dynamo.event.event_types import DynamoEventTypes
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.event.fan_outs import DynamoFanOuts
from hookline.adapters.dynamo.identity.allotments import DynamoAllotments
from hookline.adapters.dynamo.identity.idempotency import DynamoIdempotencyRecords
from hookline.adapters.dynamo.identity.principals import DynamoApiKeys, DynamoPrincipals
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.identity.webhook_rights import DynamoWebhookRights
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.table.pynamo import PynamoTable
from hookline.adapters.dynamo.webhook.changes import DynamoWebhookChanges
from hookline.adapters.dynamo.webhook.health import DynamoWebhookHealth
from hookline.adapters.dynamo.webhook.rate_limits import DynamoRateLimits
from hookline.adapters.dynamo.webhook.webhooks import DynamoSubscriptions, DynamoWebhooks
from hookline.domain.webhook.webhook import WebhookSecrets
from hookline.ports import Clock, Randomness
from hookline_api.inbound import InboundStores, inbound_stores_of
from hookline_api.settings import ApiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The adapters behind the ports, and the stack's secrets."""

    tenants: DynamoTenants
    principals: DynamoPrincipals
    keys: DynamoApiKeys
    rights: DynamoWebhookRights
    allotments: DynamoAllotments
    idempotency: DynamoIdempotencyRecords
    webhooks: DynamoWebhooks
    webhook_changes: DynamoWebhookChanges
    health: DynamoWebhookHealth
    subscriptions: DynamoSubscriptions
    events: DynamoEvents
    event_types: DynamoEventTypes
    fan_outs: DynamoFanOuts
    new_deliveries: DynamoNewDeliveries
    deliveries: DynamoDeliveries
    delivery_changes: DynamoDeliveryChanges
    log: DynamoDeliveryLog
    due: DynamoDue
    rate_limits: DynamoRateLimits
    recover_jobs: DynamoRecoverJobs
    first_attempts: SqsFirstAttempts
    retry_timers: SqsRetryTimers
    inbound: InboundStores
    sealer: Sealer
    vault: KmsVault[WebhookSecrets]
    root_secret: Callable[[], str]
    signing_key: Callable[[], str]


def stores_of(settings: ApiSettings, clock: Clock, randomness: Randomness) -> Stores:
    """All of them over one client for each service."""
    clients = Clients()
    dynamodb = clients.dynamodb(connections=_CONNECTIONS)
    sqs = clients.sqs()
    secrets = clients.secretsmanager()
    batches = Batches(dynamodb)
    sealer = Sealer(clients.kms(), settings.kms_key_id)
    principals = PynamoTable(settings.principals_table)
    retention = settings.retention
    deliveries, attempts = settings.deliveries_table, settings.attempts_table
    return Stores(
        tenants=DynamoTenants(dynamodb, settings.principals_table),
        principals=DynamoPrincipals(principals),
        keys=DynamoApiKeys(principals),
        rights=DynamoWebhookRights(principals),
        allotments=DynamoAllotments(dynamodb, settings.idempotency_table),
        idempotency=DynamoIdempotencyRecords(dynamodb, settings.idempotency_table, randomness),
        webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
        webhook_changes=DynamoWebhookChanges(
            dynamodb, settings.webhooks_table, settings.subscriptions_table
        ),
        health=DynamoWebhookHealth(dynamodb, settings.webhook_health_table, batches, randomness),
        subscriptions=DynamoSubscriptions(dynamodb, settings.subscriptions_table),
        events=DynamoEvents(dynamodb, settings.events_table, retention, clock, randomness),
        event_types=DynamoEventTypes(dynamodb, settings.event_types_table),
        fan_outs=DynamoFanOuts(dynamodb, settings.fan_outs_table, batches, retention, clock),
        new_deliveries=DynamoNewDeliveries(deliveries, batches, retention),
        deliveries=DynamoDeliveries(deliveries, batches, clock),
        delivery_changes=DynamoDeliveryChanges(dynamodb, deliveries, attempts, retention, clock),
        log=DynamoDeliveryLog(dynamodb, deliveries, attempts, clock),
        due=DynamoDue(dynamodb, deliveries, retention, clock),
        rate_limits=DynamoRateLimits(dynamodb, settings.webhook_health_table),
        recover_jobs=DynamoRecoverJobs(dynamodb, settings.recover_jobs_table, retention, clock),
        retry_timers=SqsRetryTimers(Queue(sqs, settings.retry_queue_url)),
        first_attempts=SqsFirstAttempts(Queue(sqs, settings.delivery_queue_url)),
        inbound=inbound_stores_of(settings, dynamodb, sqs, sealer, clock),
        sealer=sealer,
        vault=KmsVault(sealer, "webhook", WebhookSecrets),
        root_secret=StackSecret(secrets, settings.root_key_secret_arn, clock),
        signing_key=StackSecret(secrets, settings.signing_key_secret_arn, clock),
    )


_CONNECTIONS = 20
"""As many as publish a batch side by side, and a few for the rest."""
