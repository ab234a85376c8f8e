"""Puts the worker together: stores, services on top of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.aws.lambda_invoke import LambdaInvocations
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters
from hookline.adapters.aws.work_queues import SqsInboundQueue
from hookline.adapters.dynamo.event.event_types import DynamoEventTypes
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound.messages import DynamoMessages
from hookline.adapters.dynamo.inbound.signatures import DynamoSeenSignatures
from hookline.adapters.dynamo.webhook.webhooks import DynamoWebhooks
from hookline.adapters.telemetry.metrics import Metrics
from hookline.adapters.threads import Threads
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.ports import Clock, Randomness
from hookline.services.inbound.process_message import ProcessMessage
from hookline.services.inbound.sweep_messages import SweepMessages
from hookline.services.inbound.work import InboundPorts, process_message_over
from hookline_inbound_worker.settings import InboundWorkerSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INVOKE_TIMEOUT = timedelta(seconds=25)
"""Of a match function, and of all functions together: both fit the 60 s that this function has."""

_MESSAGES_AT_ONCE = 10
"""As many as a batch holds: a slow function of one message keeps no other waiting."""

_FUNCTIONS_AT_ONCE = 40
"""Of all messages of a batch together, whose own threads wait for these."""


@dataclass(frozen=True, slots=True)
class Worker:
    """All that a batch needs, and the sweep between them."""

    process: ProcessMessage
    queue: SqsInboundQueue
    dead_letters: SqsDeadLetters
    concurrently: Threads
    sweep: SweepMessages
    metrics: Metrics


def build_worker(settings: InboundWorkerSettings, clock: Clock, randomness: Randomness) -> Worker:
    """The worker over one client for each service."""
    clients = Clients()
    sqs = clients.sqs()
    dynamodb = clients.dynamodb(connections=_FUNCTIONS_AT_ONCE + _MESSAGES_AT_ONCE)
    queue = SqsInboundQueue(Queue(sqs, settings.inbound_queue_url))
    return Worker(
        process=_process(settings, clients, dynamodb, clock, randomness),
        queue=queue,
        dead_letters=SqsDeadLetters(Queue(sqs, settings.inbound_dead_letter_queue_url)),
        concurrently=Threads(_MESSAGES_AT_ONCE),
        sweep=SweepMessages(
            tenants=DynamoTenants(dynamodb, settings.principals_table),
            messages=DynamoMessages(dynamodb, settings.inbound_messages_table, clock),
            queue=queue,
            clock=clock,
        ),
        metrics=Metrics("inbound-worker", settings.stage, clock),
    )


def _process(
    settings: InboundWorkerSettings,
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
        invocations=LambdaInvocations(
            clients.lambdas(_INVOKE_TIMEOUT, connections=_FUNCTIONS_AT_ONCE), allowed
        ),
        events=DynamoEvents(dynamodb, settings.events_table, settings.retention, clock, randomness),
        event_types=DynamoEventTypes(dynamodb, settings.event_types_table),
        webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
    )
    return process_message_over(
        ports,
        allowed_functions=allowed,
        concurrently=Threads(_FUNCTIONS_AT_ONCE),
        clock=clock,
        randomness=randomness,
    )
