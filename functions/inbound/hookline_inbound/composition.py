"""Puts the receiver together: stores, services on top of them."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.aws.lambda_invoke import LambdaInvocations
from hookline.adapters.aws.sqs import Queue
from hookline.adapters.aws.work_queues import SqsInboundQueue
from hookline.adapters.dynamo.event.event_types import DynamoEventTypes
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.identity.allotments import DynamoAllotments
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound.messages import DynamoMessages
from hookline.adapters.dynamo.inbound.signatures import DynamoSeenSignatures
from hookline.adapters.dynamo.webhook.webhooks import DynamoWebhooks
from hookline.adapters.telemetry.log_lines import start_logging
from hookline.adapters.telemetry.metrics import Metrics
from hookline.adapters.threads import Threads
from hookline.domain.identity.quota import Quota
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.ports import Clock, Randomness
from hookline.services.identity.keep_quota import KeepQuota
from hookline.services.identity.known_tenants import KnownTenants
from hookline.services.inbound.process_message import ProcessMessage
from hookline.services.inbound.receive import ReceiveCall
from hookline.services.inbound.work import InboundPorts, process_message_over
from hookline_inbound.answering import AnswerCalls
from hookline_inbound.settings import InboundSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INVOKE_TIMEOUT = timedelta(seconds=12)
"""Of a match function, and of all functions together: both fit the 29 s that this function has."""

_THREADS = 20
"""As many as functions of one provider and uri."""

_UNKNOWN_LIFETIME = timedelta(seconds=30)
"""For how long an unknown tenant costs no further read; a new one may have to wait it out."""


def build_answering(settings: InboundSettings, clock: Clock, randomness: Randomness) -> AnswerCalls:
    """All of it, with what it tells the log."""
    start_logging("inbound", settings.log_level)
    return AnswerCalls(
        receive=build_receive(settings, clock, randomness),
        logger=logging.getLogger("hookline.inbound"),
        metrics=Metrics("inbound", settings.stage, clock),
    )


def build_receive(settings: InboundSettings, clock: Clock, randomness: Randomness) -> ReceiveCall:
    """The receiver over one client for each service."""
    clients = Clients()
    dynamodb = clients.dynamodb(connections=_THREADS)
    return ReceiveCall(
        tenant_exists=KnownTenants(
            DynamoTenants(dynamodb, settings.principals_table),
            clock,
            unknown_lifetime=_UNKNOWN_LIFETIME,
        ),
        quota=KeepQuota(
            allotments=DynamoAllotments(dynamodb, settings.idempotency_table),
            quota=Quota(settings.inbound_quota_per_second),
            name="inbound",
            clock=clock,
        ),
        messages=DynamoMessages(dynamodb, settings.inbound_messages_table, clock),
        queue=SqsInboundQueue(Queue(clients.sqs(), settings.inbound_queue_url)),
        process=_process(settings, clients, dynamodb, clock, randomness),
        clock=clock,
        randomness=randomness,
    )


def _process(
    settings: InboundSettings,
    clients: Clients,
    dynamodb: DynamoDBClient,
    clock: Clock,
    randomness: Randomness,
) -> ProcessMessage:
    allowed = frozenset(settings.invoke_function_arns)
    ports = InboundPorts(
        configurations=DynamoInboundConfigurations(dynamodb, settings.inbound_providers_table),
        runs=DynamoMessages(dynamodb, settings.inbound_messages_table, clock),
        seen=DynamoSeenSignatures(dynamodb, settings.inbound_signatures_table),
        vault=KmsVault(Sealer(clients.kms(), settings.kms_key_id), "provider", ProviderSecrets),
        invocations=LambdaInvocations(clients.lambdas(_INVOKE_TIMEOUT), allowed),
        events=DynamoEvents(dynamodb, settings.events_table, settings.retention, clock, randomness),
        event_types=DynamoEventTypes(dynamodb, settings.event_types_table),
        webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
    )
    return process_message_over(
        ports,
        allowed_functions=allowed,
        concurrently=Threads(_THREADS),
        clock=clock,
        randomness=randomness,
    )
