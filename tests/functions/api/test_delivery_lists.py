"""Finding deliveries: in a log by how they ended, across a tenant by who needs help."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.webhook.health import Health
from tests.builders import a_delivery, a_timeout, an_attempt, an_id
from tests.engine.clock import FakeClock
from tests.worlds.client import Client


def delivered(
    stores: ApiStack, client: Client, webhook: Any, at: datetime, **changes: Any
) -> Delivery:
    """A delivery as fan-out and sender would have left it, and what health they would note."""
    tenant, webhook_id = TenantId(client.tenant), WebhookId(webhook["id"])
    changes.setdefault("event_id", EventId(an_id("evt", at)))
    made = a_delivery(tenant=tenant, webhook_id=webhook_id, created_at=at, **changes)
    stores.new_deliveries.create([made])
    if made.status in {Status.FAILED, Status.RETRYING}:
        failed_at = at + timedelta(hours=1)
        stores.health.add_failures(tenant, webhook_id, [made.key.id], failed_at)
    return made


def ids(client: Client, path: str, **query: str) -> list[str]:
    reply = client("GET", path, query=query)
    assert reply.status == 200, reply.text
    return [each["id"] for each in reply.json["items"]]


def test_a_log_is_searched_by_how_the_last_attempt_ended(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    webhook, now = client.a_webhook(), clock()
    log = f"/webhooks/{webhook['id']}/deliveries"
    failed = {"status": Status.FAILED, "attempt_count": 1}
    answered = delivered(stores, client, webhook, now, last_attempt=an_attempt(), **failed)
    silent = delivered(stores, client, webhook, now, last_attempt=a_timeout(), **failed)
    assert ids(client, log, response_status="500") == [answered.key.id]
    assert ids(client, log, error_kind="timeout") == [silent.key.id]
    assert ids(client, log, error_kind="timeout", response_status="500") == []
    assert ids(client, log, response_status="200") == []


def test_a_log_is_searched_by_event(client: Client, clock: FakeClock, stores: ApiStack) -> None:
    webhook = client.a_webhook()
    log = f"/webhooks/{webhook['id']}/deliveries"
    client.made("/events", {"type": "flow.executed", "id": "e-1"})
    wanted = delivered(stores, client, webhook, clock(), event_id=EventId("e-1"))
    delivered(stores, client, webhook, clock())
    assert ids(client, log, event_id="e-1") == [wanted.key.id]
    assert ids(client, log, event_id="e-1", status="failed") == []
    assert ids(client, log, event_id="e-2") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_status", "5xx"),
        ("response_status", "99"),
        ("error_kind", "weather"),
        ("event_id", "x" * 65),
        ("code", "500"),
    ],
)
def test_a_search_of_a_log_that_means_nothing_is_refused(
    client: Client, name: str, value: str
) -> None:
    log = f"/webhooks/{client.a_webhook()['id']}/deliveries"
    refused = client("GET", log, query={name: value})
    assert (refused.status, refused.fields) == (422, [name])


def test_what_waits_or_failed_is_listed_across_webhooks_newest_first(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    first, second, healthy = (client.a_webhook() for _ in range(3))
    now, wanted = clock(), []
    for minutes in range(6):
        at = now - timedelta(minutes=minutes)
        webhook = (first, second)[minutes % 2]
        status = Status.FAILED if minutes % 3 else Status.RETRYING
        wanted.append(delivered(stores, client, webhook, at, status=status))
        delivered(stores, client, healthy, at, status=Status.SUCCESS)
    expected = [each.key.id for each in wanted]
    assert ids(client, "/deliveries") == expected
    failed = [each.key.id for each in wanted if each.status is Status.FAILED]
    assert ids(client, "/deliveries", status="failed") == failed
    since = (now - timedelta(minutes=2)).isoformat()
    assert ids(client, "/deliveries", since=since) == expected[:3]
    found: list[str] = []
    query = {"limit": "4"}
    while True:
        page = client("GET", "/deliveries", query=query).json
        found += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert (found, page["truncated"]) == (expected, False)


def test_a_page_across_webhooks_looks_at_a_bounded_stretch_and_goes_on(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    webhook, now = client.a_webhook(), clock()
    oldest = delivered(stores, client, webhook, now - timedelta(hours=1), status=Status.FAILED)
    stores.new_deliveries.create(
        [
            a_delivery(
                tenant=TenantId(client.tenant),
                webhook_id=WebhookId(webhook["id"]),
                event_id=EventId(an_id("evt", now)),
                created_at=now - timedelta(seconds=number),
                status=Status.SUCCESS,
            )
            for number in range(150)
        ]
    )
    first = client("GET", "/deliveries").json
    assert (first["items"], first["next_cursor"] is None) == ([], False)
    rest = client("GET", "/deliveries", query={"cursor": first["next_cursor"]}).json
    assert [each["id"] for each in rest["items"]] == [oldest.key.id]
    assert rest["next_cursor"] is None


def test_a_webhook_that_deliveries_wait_on_is_looked_at_though_it_never_failed(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    webhook = client.a_webhook()
    before = Health(tenant=TenantId(client.tenant), webhook_id=WebhookId(webhook["id"]))
    assert stores.health.replace(before, replace(before, has_waiting=True))
    held = delivered(stores, client, webhook, clock())
    assert ids(client, "/deliveries", status="created") == [held.key.id]


def test_an_owner_of_one_webhook_sees_its_trouble_alone(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    mine, other = client.a_webhook(), client.a_webhook()
    own = delivered(stores, client, mine, clock(), status=Status.FAILED)
    delivered(stores, client, other, clock(), status=Status.FAILED)
    principal, key = client.a_principal()
    client.put(f"/webhooks/{mine['id']}/rights/{principal}", {"level": "read"})
    assert ids(client.with_key(key), "/deliveries") == [own.key.id]


def test_what_ended_well_is_not_listed_across_a_tenant(client: Client) -> None:
    refused = client("GET", "/deliveries", query={"status": "success"})
    assert (refused.status, refused.fields) == (422, ["status"])
