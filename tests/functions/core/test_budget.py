"""What the happy path costs, counted at the AWS client: writes, index writes and calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from hookline.adapters.dynamo.event import events as event_items
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.adapters.dynamo.webhook import subscription_item as subscription_codec
from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, WebhookId
from tests.builders import TENANT, a_subscription, an_event, an_id, some_secrets
from tests.contract.http.endpoints import OK, answering
from tests.functions.core.conftest import add_webhook
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack, stream_event


class Costs:
    """Items written by table, and calls by operation."""

    def __init__(self) -> None:
        self.writes: Counter[str] = Counter()
        self.indexed = 0
        self.calls: Counter[str] = Counter()

    def see(self, operation: str, given: Mapping[str, Any]) -> None:
        self.calls[operation] += 1
        if operation in ("PutItem", "UpdateItem"):
            self._written(given["TableName"], given)
        if operation == "BatchWriteItem":
            for table, requests in given["RequestItems"].items():
                for request in requests:
                    self._written(table, request)

    def _written(self, table: str, what: Mapping[str, Any]) -> None:
        self.writes[table.removeprefix("hookline-test-")] += 1
        self.indexed += "waiting_for" in repr(what)


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    costs = Costs()
    make_call = BaseClient._make_api_call  # type: ignore[attr-defined]  # the one place all pass

    def counted(client: BaseClient, operation: str, given: Mapping[str, Any]) -> Any:
        costs.see(operation, given)
        return make_call(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    return costs


def stream_of(events: list[Event]) -> dict[str, Any]:
    images = [to_wire(event_items.to_item(event, timedelta(days=30))) for event in events]
    return stream_event(images)


def deliver_all(stack: Stack) -> int:
    """Hands the delivery queue to the sender, ten messages at a time; answers how many."""
    delivered = 0
    while records := stack.received("deliveries"):
        assert stack.send({"Records": records}) == []
        delivered += len(records)
    return delivered


def subscribe(stack: Stack, count: int, url: str) -> None:
    for number in range(count):
        webhook_id = WebhookId(an_id("wh"))
        sealed = stack.stores.vault.seal(TENANT, webhook_id, some_secrets())
        add_webhook(stack, url, id=webhook_id, name=f"w{number}", sealed_secrets=sealed)


def test_one_event_to_n_webhooks_costs_2_plus_2n_writes_and_no_index_write(
    stack: Stack, costs: Costs
) -> None:
    with answering(OK) as endpoint:
        subscribe(stack, 7, f"http://127.0.0.1:{endpoint.port}/")
        event = an_event(id=EventId(an_id("evt")))
        costs.writes.clear()
        stack.stores.events.accept(event)
        stack.fan_out(stream_of([event]))
        assert deliver_all(stack) == 7
    assert costs.writes == {"events": 1, "fan-outs": 1, "deliveries": 2 * 7}
    assert costs.indexed == 0


def test_full_batches_cost_few_calls_besides_the_writes(stack: Stack, costs: Costs) -> None:
    with answering(OK) as endpoint:
        subscribe(stack, 5, f"http://127.0.0.1:{endpoint.port}/")
        events = [an_event(id=EventId(an_id("evt"))) for _ in range(20)]
        for event in events:
            stack.stores.events.accept(event)
        costs.calls.clear()
        stack.fan_out(stream_of(events))
        for_events = costs.calls.copy()
        costs.calls.clear()
        assert deliver_all(stack) == 100
    # For 20 events: a claim each, the version of the tenant's subscriptions and, as nobody had read
    # them yet, those of one type; four batch writes, ten batch sends.
    assert for_events == {
        "PutItem": 20,
        "BatchGetItem": 1,
        "Query": 3,
        "BatchWriteItem": 4,
        "SendMessageBatch": 10,
    }
    besides = costs.calls - Counter(UpdateItem=100, ReceiveMessage=100, Decrypt=100)
    assert costs.calls["UpdateItem"] == 100
    assert besides.total() <= 0.5 * 100


def test_a_fan_out_to_a_thousand_webhooks_is_batches_throughout(stack: Stack, costs: Costs) -> None:
    many = 1_000
    _subscribe_fast(stack, many)
    event = an_event(id=EventId(an_id("evt")))
    stack.stores.events.accept(event)
    costs.calls.clear()
    costs.writes.clear()
    stack.fan_out(stream_of([event]))
    runs = 1
    while messages := stack.received("fan-outs"):
        for message in messages:
            runs += 1
            stack.fan_out({"Records": [message]}, f"run-{runs}")
    assert costs.writes["deliveries"] == many
    assert costs.calls["BatchWriteItem"] == many / 25
    assert stack.count("deliveries") == many
    # The deliveries' messages; one that has matching go on, and one for each of two chunks.
    assert costs.calls["SendMessageBatch"] == many / 10 + 1 + 2


def _subscribe_fast(stack: Stack, count: int) -> None:
    """Subscriptions alone, in batches: a fan-out reads nothing else."""
    Batches(stack.dynamodb).put(
        table_name("subscriptions"),
        (
            subscription_codec.to_item(a_subscription(webhook_id=WebhookId(an_id("wh"))))
            for _ in range(count)
        ),
    )
