"""A webhook's log over HTTP, and what a user does about a delivery."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Delivery, OnItsWebhook, Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.times import iso
from hookline.domain.webhook.health import Open
from hookline.ports.deliveries import Replaced
from hookline_api.views.delivery import delivery_json
from tests.builders import HOUR, NOW, a_delivery, a_timeout, an_attempt
from tests.engine.clock import FakeClock
from tests.worlds.client import Client


def delivered(  # one delivery of each test's own webhook
    client: Client, stores: ApiStack, webhook: str, **overrides: Any
) -> Delivery:
    """What fan-out and sender would have left of one event."""
    event = client("POST", "/events", {"type": "flow.executed"}).json["id"]
    created = a_delivery(
        tenant=TenantId(client.tenant), webhook_id=WebhookId(webhook), event_id=EventId(event)
    )
    created = replace(created, **overrides)
    stores.new_deliveries.create([created])
    return created


def path_of(delivery: Delivery) -> str:
    return f"/webhooks/{delivery.key.webhook_id}/deliveries/{delivery.key.id}"


def test_a_delivery_shows_its_attempts_in_order(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    created = delivered(client, stores, webhook)
    first = replace(
        created,
        status=Status.RETRYING,
        sequence=1,
        attempt_count=1,
        last_attempt=a_timeout(number=1, duration=timedelta(seconds=10), address=None),
    )
    second = replace(
        first,
        status=Status.SUCCESS,
        sequence=2,
        attempt_count=2,
        finished_at=created.created_at,
        last_attempt=an_attempt(number=2, trigger="retry"),
    )
    assert stores.delivery_changes.replace(created, first) == Replaced()
    assert stores.delivery_changes.replace(first, second) == Replaced()
    reply = client("GET", path_of(created))
    assert reply.status == 200
    assert [attempt["number"] for attempt in reply.json["attempts"]] == [1, 2]
    assert reply.json["attempts"][0]["error"] == {
        "kind": "timeout",
        "message": "no answer within 10 s",
    }
    assert reply.json["last_attempt"] == reply.json["attempts"][1]
    assert reply.json["last_attempt"] == {
        "number": 2,
        "trigger": "retry",
        "started_at": "2026-11-22T12:00:01.123Z",
        "duration_ms": 42,
        "request": {
            "method": "POST",
            "url": "https://example.com/hook",
            "headers": {
                "content-type": "application/json",
                "webhook-id": reply.json["last_attempt"]["request"]["headers"]["webhook-id"],
            },
            "body": '{"id":"evt"}',
            "body_truncated": False,
        },
        "response": {
            "status": 500,
            "headers": {"server": "x"},
            "body": "no",
            "body_truncated": False,
        },
        "error": None,
        "address": "93.184.216.34:443",
        "next_attempt_at": None,
        "webhook_version": None,
    }
    names = {"id", "webhook_id", "event_id", "event_type", "status", "attempt_count", "test"}
    names |= {
        "created_at",
        "next_attempt_at",
        "expires_at",
        "finished_at",
        "failure_reason",
        "waiting_for",
    }
    assert set(reply.json) == names | {"last_attempt", "attempts"}
    (item,) = client("GET", f"/webhooks/{webhook}/deliveries").json["items"]
    assert item["status"] == "success"
    assert "body" not in item["last_attempt"]["request"]
    assert client("GET", f"/webhooks/{webhook}").json["health"]["last_success_at"] is not None


def test_the_log_is_filtered_and_paged(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    ids = []
    for number in range(6):
        status = Status.FAILED if number % 2 else Status.SUCCESS
        ids.append(delivered(client, stores, webhook, status=status).key.id)
    log = f"/webhooks/{webhook}/deliveries"
    first = client("GET", log, query={"limit": "4"}).json
    rest = client("GET", log, query={"limit": "4", "cursor": first["next_cursor"]}).json
    listed = [item["id"] for item in first["items"] + rest["items"]]
    assert listed == sorted(ids, reverse=True)
    failed = client("GET", log, query={"status": "failed"}).json["items"]
    assert {item["status"] for item in failed} == {"failed"}
    assert len(client("GET", log, query={"status": "failed,success"}).json["items"]) == 6
    assert client("GET", log, query={"type": "other.type"}).json["items"] == []
    assert client("GET", log, query={"until": "2026-11-22T12:00:00.123Z"}).json["items"] == []
    assert len(client("GET", log, query={"since": "2026-11-22T12:00:00.123Z"}).json["items"]) == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "done"}, "status"),
        ({"type": "bad type"}, "type"),
        ({"since": "yesterday"}, "since"),
        ({"until": "1"}, "until"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "made-up"}, "cursor"),
    ],
)
def test_a_query_against_the_rules_is_refused(
    client: Client, query: dict[str, str], field: str
) -> None:
    reply = client("GET", f"/webhooks/{client.a_webhook()['id']}/deliveries", query=query)
    assert (reply.status, reply.fields) == (422, [field])


def test_a_retry_sends_the_delivery_at_once(
    client: Client, stores: ApiStack, settings: Any
) -> None:
    failed = delivered(
        client, stores, client.a_webhook()["id"], status=Status.FAILED, attempt_count=3, sequence=3
    )
    reply = client("POST", f"{path_of(failed)}/retry")
    assert reply.status == 202
    assert reply.json["id"] == failed.key.id
    standing = stores.delivery_changes.get(failed.key)
    assert standing is not None
    assert (standing.generation, standing.trigger) == (1, "retry")


def test_a_retry_is_refused_while_the_webhook_is_off(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    failed = delivered(client, stores, webhook, status=Status.FAILED)
    client("PATCH", f"/webhooks/{webhook}", {"enabled": False})
    assert client("POST", f"{path_of(failed)}/retry").status == 409


def test_a_cancelled_delivery_ends_and_cannot_be_cancelled_again(
    client: Client, stores: ApiStack
) -> None:
    created = delivered(client, stores, client.a_webhook()["id"])
    reply = client("POST", f"{path_of(created)}/cancel")
    assert (reply.status, reply.json["status"]) == (200, "cancelled")
    assert client("POST", f"{path_of(created)}/cancel").status == 409


def test_the_log_of_a_deleted_webhook_stays_readable(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    created = delivered(client, stores, webhook)
    assert client("DELETE", f"/webhooks/{webhook}").status == 204
    assert client("GET", path_of(created)).status == 200
    assert len(client("GET", f"/webhooks/{webhook}/deliveries").json["items"]) == 1


def test_stats_count_by_status_hour_and_latency(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    webhook = client.a_webhook()["id"]
    for milliseconds in (10, 20, 30, 40):
        delivered(
            client,
            stores,
            webhook,
            status=Status.SUCCESS,
            attempt_count=1,
            last_attempt=an_attempt(duration=timedelta(milliseconds=milliseconds)),
        )
    delivered(client, stores, webhook, status=Status.FAILED, last_attempt=a_timeout())
    waiting = delivered(client, stores, webhook)
    stats = client("GET", f"/webhooks/{webhook}/stats").json
    totals = {"created": 1, "retrying": 0, "success": 4, "failed": 1, "cancelled": 0}
    counts = {
        "totals": totals,
        "success_rate": 0.8,
        "latency_ms": {"p50": 20, "p95": 40},
    }
    hour = {"start": "2026-11-22T12:00:00.000Z", **counts}
    assert stats == counts | {
        "answers": {"500": 4, "timeout": 1},
        "oldest_waiting_at": iso(waiting.created_at),
        "buckets": [hour],
        "truncated": False,
    }
    day = client("GET", f"/webhooks/{webhook}/stats", query={"bucket": "day"}).json
    assert day["buckets"][0]["start"] == "2026-11-22T00:00:00.000Z"
    assert client("GET", f"/webhooks/{webhook}/stats", query={"bucket": "week"}).status == 422


def test_an_unknown_delivery_is_not_found(client: Client) -> None:
    webhook = client.a_webhook()["id"]
    path = f"/webhooks/{webhook}/deliveries/dlv_01JDA0000000000000000000AA"
    assert client("GET", path).status == 404
    assert client("POST", f"{path}/retry").status == 404
    assert client("POST", f"{path}/cancel").status == 404
    assert client("GET", f"/webhooks/{webhook}/deliveries/nonsense").status == 404


def test_a_reader_may_look_but_not_touch(client: Client, stores: ApiStack) -> None:
    created = delivered(client, stores, client.a_webhook()["id"])
    reader = client.with_key(client.a_key(level="read"))
    assert reader("GET", path_of(created)).status == 200
    assert reader("POST", f"{path_of(created)}/retry").status == 403
    assert reader("POST", f"{path_of(created)}/cancel").status == 403


def test_a_detail_never_outgrows_what_lambda_can_answer() -> None:
    body = "\x01" * 64 * 1024  # every character takes six in JSON
    large = an_attempt().request
    attempts = [
        an_attempt(number=number, request=replace(large, body=body)) for number in range(1, 51)
    ]
    shown = delivery_json(a_delivery(), attempts)
    assert len(json.dumps(shown)) < 6_000_000
    listed: Any = shown["attempts"]
    assert [attempt["number"] for attempt in listed] == list(range(1, 51))
    assert listed[-1]["request"]["body"] == body
    assert listed[0]["request"] | {"headers": {}} == {
        "method": "POST",
        "url": "https://example.com/hook",
        "headers": {},
        "body": None,
        "body_truncated": True,
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_a_delivery_that_waits_on_its_webhook_shows_how_that_stands_now(
    client: Client, stores: ApiStack, enabled: bool
) -> None:
    webhook = client.a_webhook()["id"]
    held = delivered(client, stores, webhook, waiting=OnItsWebhook(NOW), next_attempt_at=NOW)
    key = held.key.tenant, held.key.webhook_id
    (health,) = stores.health.get_many([key])
    circuit = Open(opened_at=NOW, next_probe_at=NOW + HOUR, probe_interval=HOUR)
    assert stores.health.replace(health, replace(health, circuit=circuit))
    client("PATCH", f"/webhooks/{webhook}", {"enabled": enabled})
    shown = iso(NOW + HOUR) if enabled else None
    assert client("GET", path_of(held)).json["next_attempt_at"] == shown
    (item,) = client("GET", f"/webhooks/{webhook}/deliveries").json["items"]
    assert item["next_attempt_at"] == shown
