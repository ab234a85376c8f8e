"""The inbound functions of a stack that a file's tests share; the third parties' side of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId
from hookline.domain.inbound.message import Message
from tests.engine.clock import FakeClock
from tests.worlds.client import Client
from tests.worlds.stack import Stack, a_stack

EXAMPLES = Path(__file__).parents[3] / "events"
SIGNED_AT = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
"""When the examples in events/ were signed."""

ARRIVAL = SIGNED_AT + timedelta(seconds=2)

SECRETS = {"standard-webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
"""Of the examples, where it is not ``example-secret``."""

_numbers = count(1)


def example(preset: str, tenant: str) -> dict[str, Any]:
    """The gateway event of a preset's example, sent to this tenant."""
    text = (EXAMPLES / f"inbound_{preset.replace('-', '_')}.json").read_text()
    loaded: dict[str, Any] = json.loads(text.replace("/in/acme/", f"/in/{tenant}/"))
    loaded["pathParameters"]["proxy"] = loaded["rawPath"].removeprefix("/in/")
    return loaded


def in_order(size: int) -> bytes:
    """Randomness that makes ids of one instant sort as they were made."""
    return next(_numbers).to_bytes(size)


class World:
    """A new tenant of the stack, its queues empty; the examples arrive at ``time.now``."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.time = stack.clock
        self.time.now = ARRIVAL
        self.client: Client = stack.client(f"acme-{next(_numbers)}")
        self.tenant = TenantId(self.client.tenant)
        self.messages = stack.stores.messages
        for queue in ("inbound", "inbound-dead-letters"):
            stack.bodies(queue)  # hidden from now on, for longer than the tests run

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
        return str(self.client.made("/inbound/providers", document)["id"])

    def add_function(self, document: dict[str, object]) -> None:
        """One more."""
        self.client.made("/inbound/functions", document)

    def event(self, event_id: str) -> Event | None:
        """A published event."""
        return self.stack.stores.events.get(self.tenant, EventId(event_id))

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        """What a third party is answered."""
        return dict(self.stack.answer(event))

    def queued(self) -> list[dict[str, Any]]:
        """What is in the inbound queue, as Lambda hands it to the worker."""
        return self.stack.received("inbound")

    def work(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """One batch; answers with what came back."""
        return list(self.stack.work(records))

    def stored(self) -> list[Message]:
        """Every message, newest first, bodies left out."""
        return list(self.messages.page(self.tenant, 100)[0])


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    clock = FakeClock(ARRIVAL)
    with a_stack(clock, in_order, InboundQuotaPerSecond="2", InvokeFunctionArns="") as stack:
        yield stack


@pytest.fixture
def world(stack: Stack) -> World:
    return World(stack)
