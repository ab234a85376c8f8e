"""Test sends and recover jobs over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from tests.builders import a_delivery
from tests.engine.clock import FakeClock
from tests.worlds.client import Client

SINCE = {"since": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"}


def failed(client: Client, stores: ApiStack, webhook: str, count: int) -> list[DeliveryId]:
    """Deliveries that have failed."""
    made = []
    for _ in range(count):
        event = client("POST", "/events", {"type": "flow.executed"}).json["id"]
        delivery = a_delivery(
            tenant=TenantId(client.tenant), webhook_id=WebhookId(webhook), event_id=EventId(event)
        )
        made.append(replace(delivery, status=Status.FAILED, attempt_count=1, sequence=1))
    stores.new_deliveries.create(made)
    return [each.key.id for each in made]


def test_a_test_send_makes_a_delivery_that_is_marked(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook(events=["flow.executed"])["id"]
    reply = client("POST", f"/webhooks/{webhook}/test", {"data": {"n": 1}})
    assert reply.status == 202
    assert reply.json["test"] is True
    assert (reply.json["event_type"], reply.json["status"]) == ("flow.executed", "created")
    event = client("GET", f"/events/{reply.json['event_id']}").json
    assert (event["test"], event["data"]) == (True, {"n": 1})
    assert client("GET", f"/webhooks/{webhook}/deliveries/{reply.json['id']}").status == 200


def test_a_test_send_needs_no_body_and_takes_the_catalogues_example(client: Client) -> None:
    client("PUT", "/event-types/flow.executed", {"example": {"rows": 3}})
    webhook = client.a_webhook(events=["hookline.*", "flow.executed"])["id"]
    sent = client("POST", f"/webhooks/{webhook}/test")
    assert client("GET", f"/events/{sent.json['event_id']}").json["data"] == {"rows": 3}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"type": "bad type"}, ["type"]),
        ({"type": 7}, ["type"]),
        ({"type": ""}, ["type"]),
        ({"type": False}, ["type"]),
        ({"type": "x" * 3000}, ["type"]),
        ({"colour": 1}, ["colour"]),
        ({"colour": 1, "type": 7}, ["type", "colour"]),
    ],
)
def test_a_test_send_against_the_rules_is_refused_with_all_that_is_wrong(
    client: Client, body: dict[str, Any], fields: list[str]
) -> None:
    reply = client("POST", f"/webhooks/{client.a_webhook()['id']}/test", body)
    assert (reply.status, reply.fields) == (422, fields)


def test_a_webhook_that_is_off_is_neither_tested_nor_recovered(client: Client) -> None:
    webhook = client.a_webhook(enabled=False)["id"]
    assert client("POST", f"/webhooks/{webhook}/test").status == 409
    assert client("POST", f"/webhooks/{webhook}/recover", SINCE).status == 409


def test_a_dry_run_counts_and_sends_nothing(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    failed(client, stores, webhook, 3)
    reply = client("POST", f"/webhooks/{webhook}/recover", SINCE | {"dry_run": True})
    assert (reply.status, reply.json) == (200, {"matched": 3})
    log = client("GET", f"/webhooks/{webhook}/deliveries").json["items"]
    assert {item["status"] for item in log} == {"failed"}


def test_a_recovery_attempts_what_failed_again(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    failed(client, stores, webhook, 3)
    reply = client("POST", f"/webhooks/{webhook}/recover", SINCE)
    assert reply.status == 202
    job = reply.json
    assert (job["status"], job["matched"], job["resent"], job["remaining"]) == ("done", 3, 3, 0)
    assert client("GET", f"/webhooks/{webhook}/recover/{job['id']}").json == job
    assert reply.headers["Location"].endswith(f"/recover/{job['id']}")
    log = client("GET", f"/webhooks/{webhook}/deliveries").json["items"]
    assert {item["status"] for item in log} == {"retrying"}


def test_a_running_job_can_be_cancelled_once(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    webhook = client.a_webhook()["id"]
    failed(client, stores, webhook, 8)
    slow = SINCE | {"rate_per_second": 0.1}
    job = client("POST", f"/webhooks/{webhook}/recover", slow).json
    assert (job["status"], job["resent"], job["remaining"]) == ("running", 6, 2)
    path = f"/webhooks/{webhook}/recover/{job['id']}/cancel"
    cancelled = client("POST", path)
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    assert client("POST", path).status == 409


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["since"]),
        ({"since": "yesterday"}, ["since"]),
        (SINCE | {"since": "2026-11-24T00:00:00Z"}, ["since"]),
        (SINCE | {"statuses": ["done"], "types": ["bad type"]}, ["statuses.0", "types.0"]),
        (SINCE | {"rate_per_second": 101}, ["rate_per_second"]),
        (SINCE | {"dry_run": "yes", "colour": 1}, ["dry_run", "colour"]),
    ],
)
def test_a_recovery_against_the_rules_names_the_fields(
    client: Client, body: dict[str, Any], fields: list[str]
) -> None:
    reply = client("POST", f"/webhooks/{client.a_webhook()['id']}/recover", body)
    assert (reply.status, reply.fields) == (422, fields)


def test_unknown_jobs_and_webhooks_are_not_found(client: Client) -> None:
    webhook = client.a_webhook()["id"]
    nobody = "wh_01JDA0000000000000000000AA"
    job = "job_01JDA0000000000000000000AA"
    assert client("GET", f"/webhooks/{webhook}/recover/{job}").status == 404
    assert client("GET", f"/webhooks/{webhook}/recover/nonsense").status == 404
    assert client("POST", f"/webhooks/{webhook}/recover/{job}/cancel").status == 404
    assert client("POST", f"/webhooks/{nobody}/recover", SINCE).status == 404
    assert client("POST", f"/webhooks/{nobody}/test").status == 404


def test_a_reader_may_neither_test_nor_recover(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()["id"]
    failed(client, stores, webhook, 1)
    job = client("POST", f"/webhooks/{webhook}/recover", SINCE).json["id"]
    reader = client.with_key(client.a_key(level="read"))
    assert reader("POST", f"/webhooks/{webhook}/test").status == 403
    assert reader("POST", f"/webhooks/{webhook}/recover", SINCE).status == 403
    assert reader("GET", f"/webhooks/{webhook}/recover/{job}").status == 200
