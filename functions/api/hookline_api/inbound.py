"""Puts the inbound part of the API together: its stores, services and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.aws.sqs import Queue
from hookline.adapters.aws.work_queues import SqsInboundQueue
from hookline.adapters.dynamo.inbound.changes import DynamoFunctionChanges, DynamoProviderChanges
from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound.messages import DynamoMessages
from hookline.adapters.dynamo.table.pynamo import PynamoTable
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.ports import Clock, Randomness
from hookline.ports.webhooks import Webhooks
from hookline.services.inbound.manage_functions import ManageFunctions
from hookline.services.inbound.manage_providers import ManageProviders
from hookline.services.inbound.read_messages import ReadMessages
from hookline.services.inbound.resubmit import Resubmit
from hookline_api.http.call import Authorize
from hookline_api.http.cursors import Cursors
from hookline_api.http.endpoint import Resource
from hookline_api.routes.inbound_functions import FunctionRoutes
from hookline_api.routes.inbound_messages import MessageRoutes
from hookline_api.routes.inbound_providers import ProviderRoutes
from hookline_api.settings import ApiSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundStores:
    """The adapters behind the inbound ports."""

    configurations: DynamoInboundConfigurations
    providers: DynamoProviderChanges
    functions: DynamoFunctionChanges
    vault: KmsVault[ProviderSecrets]
    messages: DynamoMessages
    queue: SqsInboundQueue


def inbound_stores_of(
    settings: ApiSettings, dynamodb: DynamoDBClient, sqs: SQSClient, sealer: Sealer, clock: Clock
) -> InboundStores:
    """All of them, over the clients that the API has anyway."""
    table = PynamoTable(settings.inbound_providers_table)
    return InboundStores(
        configurations=DynamoInboundConfigurations(dynamodb, settings.inbound_providers_table),
        providers=DynamoProviderChanges(table),
        functions=DynamoFunctionChanges(table),
        vault=KmsVault(sealer, "provider", ProviderSecrets),
        messages=DynamoMessages(dynamodb, settings.inbound_messages_table, clock),
        queue=SqsInboundQueue(Queue(sqs, settings.inbound_queue_url)),
    )


def inbound_routes(
    stores: InboundStores,
    *,
    authorize: Authorize,
    cursors: Cursors,
    webhooks: Webhooks,
    invoke_function_arns: Sequence[str],
    clock: Clock,
    randomness: Randomness,
) -> Sequence[Resource]:
    """Providers, functions, messages."""
    allowed = frozenset(invoke_function_arns)
    providers = ManageProviders(
        configurations=stores.configurations,
        changes=stores.providers,
        vault=stores.vault,
        allowed_functions=allowed,
        clock=clock,
        randomness=randomness,
    )
    functions = ManageFunctions(
        configurations=stores.configurations,
        changes=stores.functions,
        webhooks=webhooks,
        allowed_functions=allowed,
        clock=clock,
        randomness=randomness,
    )
    resubmit = Resubmit(
        log=stores.messages,
        messages=stores.messages,
        queue=stores.queue,
        clock=clock,
        randomness=randomness,
    )
    return (
        ProviderRoutes(authorize=authorize, manage=providers, cursors=cursors),
        FunctionRoutes(authorize=authorize, manage=functions, cursors=cursors),
        MessageRoutes(
            authorize=authorize,
            read=ReadMessages(log=stores.messages, configurations=stores.configurations),
            resubmit=resubmit,
            cursors=cursors,
        ),
    )
