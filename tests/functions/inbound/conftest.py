"""The inbound functions on moto: tables and queues of the template, a clock of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.inbound.changes import DynamoFunctionChanges, DynamoProviderChanges
from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound.messages import DynamoMessages
from hookline.adapters.dynamo.table.pynamo import PynamoTable
from hookline.adapters.dynamo.webhook.webhooks import DynamoWebhooks
from hookline.domain.event.event import Event
from hookline.domain.identity.identity import Tenant
from hookline.domain.ids import EventId, TenantId
from hookline.domain.inbound.message import Message
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.errors import HooklineError
from hookline.services.inbound.edits import By
from hookline.services.inbound.manage_functions import ManageFunctions
from hookline.services.inbound.manage_providers import ManageProviders
from hookline_inbound.composition import build_receive
from hookline_inbound.gateway import answer_to, call_of, refusal
from hookline_inbound.settings import InboundSettings
from hookline_inbound_worker.batch import WorkOnBatch
from hookline_inbound_worker.composition import build_worker
from hookline_inbound_worker.settings import InboundWorkerSettings
from tests.builders import PRINCIPAL
from tests.contract.tables import create_queues, create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

EXAMPLES = Path(__file__).parents[3] / "events"
SIGNED_AT = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
"""When the examples in events/ were signed."""

ARRIVAL = SIGNED_AT + timedelta(seconds=2)

SECRETS = {"standard-webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
"""Of the examples, where it is not ``example-secret``."""

BY = By(PRINCIPAL)
_TABLES = (
    *("webhooks", "events", "principals", "idempotency"),
    *("event-types", "inbound-providers", "inbound-messages", "inbound-signatures"),
)


def example(preset: str, tenant: str) -> dict[str, Any]:
    """The gateway event of a preset's example, sent to this tenant."""
    text = (EXAMPLES / f"inbound_{preset.replace('-', '_')}.json").read_text()
    loaded: dict[str, Any] = json.loads(text.replace("/in/acme/", f"/in/{tenant}/"))
    loaded["pathParameters"]["proxy"] = loaded["rawPath"].removeprefix("/in/")
    return loaded


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = ARRIVAL

    def __call__(self) -> datetime:
        return self.now


class Deployment:
    """The two functions and their stores; building them takes a second, so tests share them."""

    def __init__(self, env: dict[str, str], sqs: SQSClient) -> None:
        self.env = env
        self.sqs = sqs
        self.time = Time()
        self._numbers = count(1)
        settings = InboundSettings.from_env(env)
        self.receive = build_receive(settings, self.time, self.randomness)
        worker = InboundWorkerSettings.from_env(env)
        self.worker = build_worker(worker, self.time, self.randomness)
        self.work = WorkOnBatch(self.worker)
        dynamodb = Clients().dynamodb()
        table = PynamoTable(settings.inbound_providers_table)
        configurations = DynamoInboundConfigurations(dynamodb, settings.inbound_providers_table)
        self.tenants = DynamoTenants(dynamodb, settings.principals_table)
        self.messages = DynamoMessages(dynamodb, settings.inbound_messages_table, self.time)
        self.events = DynamoEvents(
            dynamodb, settings.events_table, settings.retention, self.time, self.randomness
        )
        self.providers = ManageProviders(
            configurations=configurations,
            changes=DynamoProviderChanges(table),
            vault=KmsVault(
                Sealer(Clients().kms(), settings.kms_key_id), "provider", ProviderSecrets
            ),
            allowed_functions=frozenset(),
            clock=self.time,
            randomness=self.randomness,
        )
        self.functions = ManageFunctions(
            configurations=configurations,
            changes=DynamoFunctionChanges(table),
            webhooks=DynamoWebhooks(dynamodb, settings.webhooks_table),
            allowed_functions=frozenset(),
            clock=self.time,
            randomness=self.randomness,
        )

    def randomness(self, size: int) -> bytes:
        return next(self._numbers).to_bytes(size)


class World:
    """A new tenant of the deployment, its queues empty; the examples arrive at ``time.now``."""

    def __init__(self, deployment: Deployment) -> None:
        self.all = deployment
        self.env = deployment.env
        self.time = deployment.time
        self.time.now = ARRIVAL
        self.messages = deployment.messages
        self.tenant = TenantId(f"acme-{int.from_bytes(deployment.randomness(4))}")
        deployment.tenants.create(
            Tenant(
                id=self.tenant,
                name="Acme",
                created_at=ARRIVAL,
                created_by=PRINCIPAL,
                updated_at=ARRIVAL,
            )
        )
        for queue in ("INBOUND_QUEUE_URL", "INBOUND_DEAD_LETTER_QUEUE_URL"):
            # What is received stays hidden for longer than the tests run.
            while self._received(queue):
                pass

    def accept(self, preset: str, uri: str) -> None:
        """A provider for the preset's example, and one function that publishes."""
        secret = SECRETS.get(preset, "example-secret")
        document: dict[str, object] = {
            "name": preset,
            "match": {"expression": "`true`"},
            "verify": {"type": preset, "secret": secret},
        }
        event = {"type": "'third.party'", "data": "message.payload"}
        self.add_function(
            {
                "name": "publish",
                "provider_id": self.add_provider(document),
                "uri": uri,
                "action": {"type": "publish", "event": event},
            }
        )

    def add_provider(self, document: dict[str, object]) -> str:
        """Its id."""
        return str(self.all.providers.create(self.tenant, document, BY)["id"])

    def add_function(self, document: dict[str, object]) -> None:
        """One more."""
        self.all.functions.create(self.tenant, document, BY)

    def event(self, event_id: str) -> Event | None:
        """A published event."""
        return self.all.events.get(self.tenant, EventId(event_id))

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer_to(self.all.receive(call_of(event)))
        except HooklineError as error:
            return refusal(error, "request-1")

    def queued(self) -> list[dict[str, Any]]:
        """What is in the inbound queue, as Lambda hands it to the worker."""
        return [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in self._received("INBOUND_QUEUE_URL")
        ]

    def work(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """One batch; answers with what came back."""
        return self.all.work(self.queued() if records is None else records)

    def stored(self) -> list[Message]:
        """Every message, newest first, bodies left out."""
        return list(self.messages.page(self.tenant, 100)[0])

    def set_aside(self) -> list[str]:
        """The bodies in the dead-letter queue."""
        return [each["Body"] for each in self._received("INBOUND_DEAD_LETTER_QUEUE_URL")]

    def _received(self, queue: str) -> Sequence[Mapping[str, Any]]:
        answer = self.all.sqs.receive_message(
            QueueUrl=self.env[queue],
            MaxNumberOfMessages=10,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return answer.get("Messages", [])


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    monkeypatch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        create_tables(Clients().dynamodb(), *_TABLES)
        sqs = Clients().sqs()
        urls = create_queues(sqs, "inbound", "inbound-dead-letters")
        key_id = Clients().kms().create_key()["KeyMetadata"]["KeyId"]
        yield Deployment(
            {
                "STAGE": "test",
                "LOG_LEVEL": "INFO",
                "RETENTION_DAYS": "30",
                "KMS_KEY_ID": key_id,
                "INVOKE_FUNCTION_ARNS": "",
                "INBOUND_QUOTA_PER_SECOND": "2",
                "INBOUND_QUEUE_URL": urls["inbound"],
                "INBOUND_DEAD_LETTER_QUEUE_URL": urls["inbound-dead-letters"],
                **{f"{name.upper().replace('-', '_')}_TABLE": table_name(name) for name in _TABLES},
            },
            sqs,
        )
    monkeypatch.undo()


@pytest.fixture
def world(deployment: Deployment) -> World:
    return World(deployment)
