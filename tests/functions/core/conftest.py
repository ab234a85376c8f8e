"""Fan-out, sender and scheduler on moto: tables and queues of the template, a clock of ours."""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.adapters.dynamo.delivery.changes import DynamoDeliveryChanges
from hookline.adapters.dynamo.delivery.deliveries import DynamoNewDeliveries
from hookline.adapters.dynamo.event import event_item as event_codec
from hookline.adapters.dynamo.event.events import DynamoEvents
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook.changes import DynamoWebhookChanges
from hookline.adapters.dynamo.webhook.webhooks import DynamoWebhooks
from hookline.domain.delivery.delivery import Delivery, DeliveryKey
from hookline.domain.event.event import Event
from hookline.domain.identity.identity import Tenant
from hookline.domain.ids import WebhookId, delivery_id
from hookline.domain.webhook.webhook import Webhook, WebhookSecrets
from hookline.settings import Settings
from hookline_fanout.composition import build_fanout
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.wiring import Fanout
from hookline_scheduler.composition import build_scheduler
from hookline_scheduler.round import Round
from hookline_scheduler.settings import SchedulerSettings
from hookline_sender.composition import build_sender
from hookline_sender.messages import DeliveryMessages
from hookline_sender.settings import SenderSettings
from tests.builders import NOW, PRINCIPAL, TENANT, a_webhook, some_secrets
from tests.contract.tables import create_queues, create_tables, table_name
from tests.engine.clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sqs import SQSClient

EXAMPLES = Path(__file__).parents[3] / "events"
WEBHOOK = WebhookId("wh_01M81J18KV040G2081040G2081")
"""The webhook that the examples in events/ are about."""

RETENTION = timedelta(days=30)
PLENTY = timedelta(seconds=60)
KEY_ALIAS = "alias/hookline-test"


def example(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return loaded


def events_of_the_stream() -> list[Event]:
    records = example("fanout_stream")["Records"]
    return [event_codec.from_image(record["dynamodb"]["NewImage"]) for record in records]


_CLOCK = FakeClock(NOW)


@cache
def _fanout(settings: FanoutSettings) -> Fanout:
    return build_fanout(settings, _CLOCK)


@cache
def _sender(settings: SenderSettings) -> DeliveryMessages:
    # No call takes any time: a busy machine's must not count as those of a slow endpoint.
    return build_sender(settings, _CLOCK, random.randbytes, stopwatch=lambda: 0.0)


@cache
def _scheduler(settings: SchedulerSettings) -> Round:
    return build_scheduler(settings, _CLOCK, random.randbytes)


@cache
def _dynamodb() -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@cache
def _sqs() -> SQSClient:
    return Clients(validate=True).sqs()


@cache
def _kms() -> KMSClient:
    return Clients().kms()


class Deployment:
    """The three functions, what they share, and an endpoint on loopback for them to call."""

    def __init__(self, env: Mapping[str, str], queues: Mapping[str, str]) -> None:
        self.env = env
        self.queues = queues
        # Clients outlive moto's state, and take long to make: tests share them, and the functions.
        self.clock = _CLOCK
        self.clock.now = NOW
        self.sqs = _sqs()
        self.dynamodb = dynamodb = _dynamodb()
        batches = Batches(dynamodb)
        self.events = DynamoEvents(
            dynamodb, table_name("events"), RETENTION, self.clock, random.randbytes
        )
        self.new_deliveries = DynamoNewDeliveries(table_name("deliveries"), batches, RETENTION)
        self.changes = DynamoDeliveryChanges(
            dynamodb, table_name("deliveries"), table_name("attempts"), RETENTION, self.clock
        )
        self.webhooks = DynamoWebhooks(dynamodb, table_name("webhooks"))
        self.webhook_changes = DynamoWebhookChanges(
            dynamodb, table_name("webhooks"), table_name("subscriptions")
        )
        self.vault = KmsVault(Sealer(_kms(), KEY_ALIAS), "webhook", WebhookSecrets)
        tenant = Tenant(
            id=TENANT, name=TENANT, created_at=NOW, created_by=PRINCIPAL, updated_at=NOW
        )
        DynamoTenants(dynamodb, table_name("principals")).create(tenant)

    def fanout(self, event: Mapping[str, Any], run: str = "run-1") -> Sequence[str]:
        fanout = _fanout(self.settings(FanoutSettings))
        records = event["Records"]
        from_stream = records[0]["eventSource"] == "aws:dynamodb"
        return (fanout.stream if from_stream else fanout.steps)(records, run)

    def sender(self, event: Mapping[str, Any]) -> Sequence[str]:
        return _sender(self.settings(SenderSettings))(event["Records"], lambda: PLENTY)

    def scheduler(self, run: str = "round-1") -> bool:
        return _scheduler(self.settings(SchedulerSettings))(run, lambda: PLENTY)

    def handler(self, package: str) -> Callable[[Mapping[str, Any], object], Any]:
        """The function that Lambda calls, as at a cold start."""
        sys.modules.pop(f"{package}.handler", None)
        found: Callable[[Mapping[str, Any], object], Any] = importlib.import_module(
            f"{package}.handler"
        ).handler
        return found

    def settings[Kind: Settings](self, kind: type[Kind]) -> Kind:
        return kind.from_env(self.env)

    def webhook(self, url: str, **overrides: Any) -> Webhook:
        sealed = self.vault.seal(TENANT, WEBHOOK, some_secrets())
        values = {"id": WEBHOOK, "url": url, "sealed_secrets": sealed} | overrides
        webhook = a_webhook(**values)
        self.webhook_changes.create(webhook)
        return webhook

    def delivery(self, event: Event, webhook_id: WebhookId = WEBHOOK) -> Delivery:
        found = delivery_id(TENANT, event.id, webhook_id, event.accepted_at)
        delivery = self.changes.get(DeliveryKey(TENANT, webhook_id, found))
        assert delivery is not None
        return delivery

    def bodies(self, queue: str) -> list[dict[str, Any]]:
        """What is visible in a queue; taken out of it."""
        bodies = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.queues[queue], MaxNumberOfMessages=10
        ).get("Messages"):
            bodies += [json.loads(message["Body"]) for message in messages]
        return bodies

    def count(self, queue: str, which: str = "ApproximateNumberOfMessages") -> int:
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.queues[queue],
            AttributeNames=[which],  # type: ignore[list-item]  # the stubs want literal names
        )
        return int(answer["Attributes"][which])  # type: ignore[index]  # as above


def environment(queues: Mapping[str, str]) -> dict[str, str]:
    env = {
        "STAGE": "test",
        "LOG_LEVEL": "INFO",
        "HEADER_PREFIX": "X-Hookline",
        "ALLOW_HTTP": "true",
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "RETENTION_DAYS": "30",
        "PARKING_CEILING_SECONDS": "900",
        "SENDER_CONCURRENCY": "4",
        "SENDER_MAXIMUM_CONCURRENCY": "100",
        "KMS_KEY_ID": KEY_ALIAS,
        "DELIVERY_QUEUE_URL": queues["deliveries"],
        "RETRY_QUEUE_URL": queues["retries"],
        "FAN_OUT_QUEUE_URL": queues["fan-outs"],
        "DEAD_LETTER_QUEUE_URL": queues["dead-letters"],
        "STREAM_DEAD_LETTER_QUEUE_URL": queues["stream-dead-letters"],
    }
    for kind in (FanoutSettings, SenderSettings, SchedulerSettings):
        for field in fields(kind):
            if field.name.endswith("_table"):
                kebab = field.name.removesuffix("_table").replace("_", "-")
                env[field.name.upper()] = table_name(kebab)
    return env


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        create_tables(_dynamodb())
        queues = create_queues(_sqs())
        key_id = _kms().create_key()["KeyMetadata"]["KeyId"]
        _kms().create_alias(AliasName=KEY_ALIAS, TargetKeyId=key_id)
        env = environment(queues)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield Deployment({**os.environ, **env}, queues)


def with_arn(event: dict[str, Any], queue: str) -> dict[str, Any]:
    """The event as if it came from this stage's queue."""
    arn = f"arn:aws:sqs:eu-west-1:123456789012:{table_name(queue)}"
    return {"Records": [{**record, "eventSourceARN": arn} for record in event["Records"]]}
