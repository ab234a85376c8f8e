"""What the suites of the inbound ports run against: DynamoDB's stores (on moto), and memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.dynamo.inbound.changes import DynamoFunctionChanges, DynamoProviderChanges
from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound.messages import DynamoMessages
from hookline.adapters.dynamo.inbound.signatures import DynamoSeenSignatures
from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.ports.inbound import (
    Claim,
    FunctionChanges,
    InboundConfigurations,
    ProviderChanges,
    ProviderVault,
    SeenSignatures,
)
from tests.builders import NOW
from tests.engine.inbound import (
    InboundItems,
    InMemoryFunctionChanges,
    InMemoryInboundConfigurations,
    InMemoryMessages,
    InMemoryProviderChanges,
    InMemoryProviderVault,
    InMemorySeenSignatures,
)
from tests.worlds.resources import create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

OTHER_TENANT = TenantId("globex")
CLAIM = Claim("run-1", NOW + timedelta(seconds=90))


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stores:
    configurations: InboundConfigurations
    providers: ProviderChanges
    functions: FunctionChanges
    vault: ProviderVault
    messages: DynamoMessages | InMemoryMessages
    signatures: SeenSignatures
    time: Time


class _Bodies:
    """Large bodies, by message."""

    def __init__(self) -> None:
        self._kept: dict[tuple[TenantId, MessageId], bytes] = {}

    def put(self, tenant: TenantId, message_id: MessageId, body: bytes) -> None:
        self._kept[tenant, message_id] = body

    def get(self, tenant: TenantId, message_id: MessageId) -> bytes:
        return self._kept[tenant, message_id]


def in_memory() -> Stores:
    """The ports in memory, all over the same items."""
    time = Time()
    items = InboundItems()
    return Stores(
        InMemoryInboundConfigurations(items),
        InMemoryProviderChanges(items),
        InMemoryFunctionChanges(items),
        InMemoryProviderVault(),
        InMemoryMessages(time),
        InMemorySeenSignatures(),
        time,
    )


def on_aws(dynamodb: DynamoDBClient) -> Stores:
    """The adapters, over new tables."""
    time = Time()
    create_tables(dynamodb, "inbound-providers", "inbound-messages", "inbound-signatures")
    providers = dynamodb, table_name("inbound-providers")
    key_id = _kms().create_key()["KeyMetadata"]["KeyId"]
    return Stores(
        DynamoInboundConfigurations(*providers),
        DynamoProviderChanges(*providers),
        DynamoFunctionChanges(*providers),
        KmsVault(Sealer(_kms(), key_id), "provider", ProviderSecrets),
        DynamoMessages(dynamodb, table_name("inbound-messages"), time, _Bodies()),
        DynamoSeenSignatures(dynamodb, table_name("inbound-signatures")),
        time,
    )


@cache
def _kms() -> KMSClient:
    return Clients(validate=True).kms()
