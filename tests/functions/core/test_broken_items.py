"""What an operator breaks by hand, in the console, is not the affair of anything else."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire, value_to_wire
from hookline.adapters.telemetry import Metrics
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.lease import LEASE
from hookline.domain.shards import ONE
from hookline.services.fan_out.sweep import Swept
from hookline.services.waiting.advance_recovery import Advanced
from hookline.services.waiting.release_due import Released
from hookline.services.waiting.webhook_round import WebhookRoundDone
from hookline_scheduler.round import Round, Works
from tests.builders import MINUTE, NOW, TENANT, an_id
from tests.engine.rounds import InMemoryLeases, InMemoryPieces
from tests.functions.core.conftest import (
    asking,
    delivery_of,
    events_of_the_stream,
    example,
    queued,
    with_arn,
)
from tests.functions.core.test_sender import prepare
from tests.functions.written import errors
from tests.identity_builders import a_tenant
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack


def edit(stack: Stack, table: str, key: keys.Key, **attributes: object) -> None:
    stack.dynamodb.update_item(
        TableName=table_name(table),
        Key=to_wire(key),
        AttributeUpdates={
            name: {"Value": value_to_wire(value), "Action": "PUT"}
            for name, value in attributes.items()
        },
    )


def switch(stack: Stack, *, on: bool) -> None:
    key = delivery_of(stack, events_of_the_stream()[0]).key
    before = stack.stores.webhooks.get(key.tenant, key.webhook_id)
    assert before is not None
    after = replace(before, version=before.version + 1, enabled=on)
    stack.stores.webhook_changes.replace(before, after)


def test_a_delivery_that_cannot_be_read_leaves_the_others_that_are_due_their_way(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(stack, 9)
    stack.clock.advance(LEASE + MINUTE)
    assert stack.schedule()
    assert asking(stack) == 2
    broken = delivery_of(stack, events_of_the_stream()[0]).key
    edit(stack, "deliveries", keys.delivery(broken, ONE), status="done")
    stack.clock.advance(LEASE + MINUTE)
    assert stack.schedule("round-2")
    assert asking(stack) == 3
    assert {line["message"] for line in errors(capsys)} == {"item.unreadable"}


def test_a_health_record_that_cannot_be_read_leaves_the_other_webhooks_their_turn(
    stack: Stack,
) -> None:
    prepare(stack, 9)
    switch(stack, on=False)
    stack.send(with_arn(example("sender_deliveries"), "deliveries"))
    switch(stack, on=True)
    broken = keys.health(TENANT, WebhookId(an_id("wh")))
    edit(stack, "webhook-health", broken, paced=keys.HAS_WAITING, circuit={"opened_at": "now"})
    assert stack.schedule()
    assert len(queued(stack, "retries")) == 2


def test_a_tenant_that_cannot_be_swept_leaves_the_others_their_turn(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    globex = TenantId("globex")
    tenants = DynamoTenants(stack.dynamodb, table_name("principals"))
    tenants.create(a_tenant(id=globex))
    edit(stack, "schedule", keys.bookmark(globex), accepted="yesterday")
    prepare(stack, 9)
    stack.clock.advance(LEASE + MINUTE)
    assert not stack.schedule(), "the alarms are to see it"
    assert asking(stack) == 2
    (failed,) = errors(capsys)
    assert failed["message"] == "scheduler.sweep.one_failed"
    assert failed["whose"] == globex
    assert failed["traceback"]


def test_a_webhook_that_cannot_be_looked_after_leaves_the_others_their_turn(
    stack: Stack,
) -> None:
    prepare(stack, 9)
    switch(stack, on=False)
    stack.send(with_arn(example("sender_deliveries"), "deliveries"))
    switch(stack, on=True)
    for _ in range(9):
        broken = WebhookId(an_id("wh"))
        edit(stack, "webhooks", keys.webhook(TENANT, broken), version=1)
        edit(stack, "webhook-health", keys.health(TENANT, broken), paced=keys.HAS_WAITING)
    assert not stack.schedule(), "the alarms are to see it"
    assert len(queued(stack, "retries")) == 2


def test_a_part_that_meets_a_surprise_leaves_the_others_their_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def surprised(*_: object) -> WebhookRoundDone:
        raise KeyError("state")

    parts: dict[str, Any] = {
        "webhook_round": surprised,
        "sweep": lambda _run, _has_time, _share: Swept(1),
        "release_due": lambda _has_time, _share: Released(2),
        "recover": lambda _has_time, _share: Advanced(3),
    }
    given = Round(
        Works(**parts),
        pieces=InMemoryPieces(),
        leases=InMemoryLeases(),
        clock=lambda: NOW,
        logger=logging.getLogger("hookline.scheduler"),
        metrics=Metrics("scheduler", "test", lambda: NOW),
    )
    with caplog.at_level(logging.INFO, "hookline.scheduler"):
        assert not given("round-1", lambda: MINUTE)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        *("scheduler.webhook_round.failed", "scheduler.sweep"),
        *("scheduler.release", "scheduler.recover"),
    ]
    assert caplog.records[0].exc_info


@pytest.mark.parametrize("what", ["its keys alone", "scope", "filter"])
def test_a_subscription_that_cannot_be_read_leaves_the_others_their_events(
    stack: Stack, what: str
) -> None:
    # Of each case its own: the functions outlive a stack, and what they keep of a tenant with it.
    name = what.rsplit(maxsplit=1)[-1]
    client, other = stack.client(f"globex-{name}"), stack.client(f"initech-{name}")
    url = "http://127.0.0.1:9999/x"
    fine, neighbour = (each.a_webhook(name="fine", url=url)["id"] for each in (client, other))
    broken = client.a_webhook(name="broken", url=url)["id"]
    key = keys.subscription(TenantId(client.tenant), "flow.*", WebhookId(broken))
    if what == "its keys alone":
        stack.dynamodb.put_item(TableName=table_name("subscriptions"), Item=to_wire(key))
    else:
        edit(stack, "subscriptions", key, **{what: 7})
    events = [each.made("/events", {"type": "flow.executed"})["id"] for each in (client, other)]
    stack.deliver()
    for asked, event, webhook in zip((client, other), events, (fine, neighbour), strict=True):
        items = asked("GET", f"/events/{event}/deliveries").json["items"]
        assert [item["webhook_id"] for item in items] == [webhook]
