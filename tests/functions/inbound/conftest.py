"""The inbound functions on moto: tables and queues of the template, a clock of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from hookline.adapters import aws
from hookline.adapters.dynamo.events import DynamoEvents
from hookline.adapters.dynamo.inbound_changes import DynamoFunctionChanges, DynamoProviderChanges
from hookline.adapters.dynamo.inbound_configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound_messages import DynamoMessages
from hookline.adapters.dynamo.pynamo import PynamoTable
from hookline.adapters.dynamo.tenants import DynamoTenants
from hookline.adapters.dynamo.webhooks import DynamoWebhooks
from hookline.adapters.kms import Sealer
from hookline.adapters.kms_inbound import KmsProviderVault
from hookline.domain.identity import Tenant
from hookline.domain.inbound.message import Message
from hookline.errors import HooklineError
from hookline.services.inbound_edits import By
from hookline.services.manage_functions import ManageFunctions
from hookline.services.manage_providers import ManageProviders
from hookline.settings import InboundSettings, InboundWorkerSettings
from hookline_inbound.composition import build_receive
from hookline_inbound.gateway import answer_to, call_of, refusal
from hookline_inbound_worker.batch import WorkOnBatch
from hookline_inbound_worker.composition import build_worker
from tests.builders import PRINCIPAL, TENANT
from tests.contract.tables import create_queues, create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

EXAMPLES = Path(__file__).parents[3] / "events"
SIGNED_AT = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
"""When the examples in events/ were signed."""

SECRETS = {"standard-webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
"""Of the examples, where it is not ``example-secret``."""

BY = By(PRINCIPAL)
_TABLES = (
    *("webhooks", "events", "deliveries", "attempts", "principals", "idempotency"),
    *("event-types", "inbound-providers", "inbound-messages", "inbound-signatures"),
)


def example(preset: str) -> dict[str, Any]:
    """The gateway event of a preset's example."""
    text = (EXAMPLES / f"inbound_{preset.replace('-', '_')}.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@dataclass
class World:
    """The stack; ``now`` is its time."""

    env: dict[str, str]
    sqs: SQSClient
    now: datetime = SIGNED_AT + timedelta(seconds=2)
    _numbers: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        settings = InboundSettings.from_env(self.env)
        self._receive = build_receive(settings, self.clock, self.randomness)
        worker = InboundWorkerSettings.from_env(self.env)
        self._work = WorkOnBatch(build_worker(worker, self.clock, self.randomness))
        dynamodb = aws.client("dynamodb")
        table = PynamoTable(settings.inbound_providers_table)
        configurations = DynamoInboundConfigurations(dynamodb, settings.inbound_providers_table)
        self.messages = DynamoMessages(dynamodb, settings.inbound_messages_table, self.clock)
        self.events = DynamoEvents(
            dynamodb, settings.events_table, settings.retention, self.clock, self.randomness
        )
        self.providers = ManageProviders(
            configurations=configurations,
            changes=DynamoProviderChanges(table),
            vault=KmsProviderVault(Sealer(aws.client("kms"), settings.kms_key_id)),
            allowed_functions=frozenset(),
            clock=self.clock,
            randomness=self.randomness,
        )
        self.functions = ManageFunctions(
            configurations=configurations,
            changes=DynamoFunctionChanges(table),
            webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
            allowed_functions=frozenset(),
            clock=self.clock,
            randomness=self.randomness,
        )
        DynamoTenants(dynamodb, settings.principals_table).create(
            Tenant(
                id=TENANT,
                name="Acme",
                created_at=self.now,
                created_by=PRINCIPAL,
                updated_at=self.now,
            )
        )

    def clock(self) -> datetime:
        return self.now

    def randomness(self, size: int) -> bytes:
        self._numbers[0] += 1
        return self._numbers[0].to_bytes(size)

    def accept(self, preset: str, uri: str) -> None:
        """A provider for the preset's example, and one function that publishes."""
        secret = SECRETS.get(preset, "example-secret")
        document: dict[str, object] = {
            "name": preset,
            "match": {"expression": "`true`"},
            "verify": {"type": preset, "secret": secret},
        }
        provider = self.providers.create(TENANT, document, BY)
        event = {"type": "'third.party'", "data": "message.payload"}
        self.functions.create(
            TENANT,
            {
                "name": "publish",
                "provider_id": provider["id"],
                "uri": uri,
                "action": {"type": "publish", "event": event},
            },
            BY,
        )

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer_to(self._receive(call_of(event)))
        except HooklineError as error:
            return refusal(error, "request-1")

    def queued(self) -> list[dict[str, Any]]:
        """What is in the inbound queue, as Lambda hands it to the worker."""
        answer = self.sqs.receive_message(
            QueueUrl=self.env["INBOUND_QUEUE_URL"],
            MaxNumberOfMessages=10,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in answer.get("Messages", [])
        ]

    def work(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """One batch; answers with what came back."""
        return self._work(self.queued() if records is None else records)

    def stored(self) -> list[Message]:
        """Every message, newest first, bodies left out."""
        return list(self.messages.page(TENANT, 100)[0])

    def set_aside(self) -> list[str]:
        """The bodies in the dead-letter queue."""
        answer = self.sqs.receive_message(
            QueueUrl=self.env["INBOUND_DEAD_LETTER_QUEUE_URL"], MaxNumberOfMessages=10
        )
        return [each["Body"] for each in answer.get("Messages", [])]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        create_tables(aws.client("dynamodb"), *_TABLES)
        sqs = aws.client("sqs")
        urls = create_queues(sqs, "deliveries", "inbound", "inbound-dead-letters")
        key_id = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
        yield World(
            {
                "STAGE": "test",
                "LOG_LEVEL": "INFO",
                "RETENTION_DAYS": "30",
                "KMS_KEY_ID": key_id,
                "INVOKE_FUNCTION_ARNS": "",
                "INBOUND_QUOTA_PER_SECOND": "2",
                "DELIVERY_QUEUE_URL": urls["deliveries"],
                "INBOUND_QUEUE_URL": urls["inbound"],
                "INBOUND_DEAD_LETTER_QUEUE_URL": urls["inbound-dead-letters"],
                **{f"{name.upper().replace('-', '_')}_TABLE": table_name(name) for name in _TABLES},
            },
            sqs,
        )
