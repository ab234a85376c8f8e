"""A stack of each test's own, and the examples of events/: what one webhook's events lead to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline.adapters.dynamo.event import events
from hookline.domain.delivery.delivery import Delivery, DeliveryKey
from hookline.domain.event.event import Event
from hookline.domain.ids import WebhookId, delivery_id
from hookline.domain.webhook.webhook import Webhook
from tests.builders import NOW, TENANT, a_webhook, some_secrets
from tests.engine.clock import FakeClock
from tests.identity_builders import a_tenant
from tests.worlds.account import ACCOUNT, REGION
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack, a_stack

EXAMPLES = Path(__file__).parents[3] / "events"
WEBHOOK = WebhookId("wh_01M81J18KV040G2081040G2081")
"""The webhook that the examples in events/ are about."""

_CLOCK = FakeClock(NOW)
"""Of all tests, one after the other: with it they share the functions, which take long to build."""


@pytest.fixture
def stack() -> Iterator[Stack]:
    _CLOCK.now = NOW
    with a_stack(_CLOCK, random.randbytes, SenderConcurrency="4") as stack:
        stack.stores.tenants.create(a_tenant(id=TENANT))
        yield stack


def example(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return loaded


def events_of_the_stream() -> list[Event]:
    records = example("fanout_stream")["Records"]
    return [events.from_image(record["dynamodb"]["NewImage"]) for record in records]


def with_arn(event: dict[str, Any], queue: str) -> dict[str, Any]:
    """The event as if it came from this stage's queue."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{table_name(queue)}"
    return {"Records": [{**record, "eventSourceARN": arn} for record in event["Records"]]}


def add_webhook(stack: Stack, url: str, **overrides: Any) -> Webhook:
    sealed = stack.stores.vault.seal(TENANT, WEBHOOK, some_secrets())
    values = {"id": WEBHOOK, "url": url, "sealed_secrets": sealed} | overrides
    webhook = a_webhook(**values)
    stack.stores.webhook_changes.create(webhook)
    return webhook


def delivery_of(stack: Stack, event: Event, webhook_id: WebhookId = WEBHOOK) -> Delivery:
    found = delivery_id(TENANT, event.id, webhook_id, event.accepted_at)
    delivery = stack.stores.delivery_changes.get(DeliveryKey(TENANT, webhook_id, found))
    assert delivery is not None
    return delivery


def queued(stack: Stack, queue: str) -> list[dict[str, Any]]:
    """What the messages in a queue say; taken out of it."""
    return [json.loads(body) for body in stack.bodies(queue)]


def asking(stack: Stack) -> int:
    """How many messages of the retry queue ask for an attempt, now or in a moment."""
    kinds = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
    return sum(stack.count("retries", kind) for kind in kinds)
