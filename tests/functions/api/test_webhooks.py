"""Webhooks over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.times import iso
from hookline.domain.webhook.health import FIRST_PROBE_INTERVAL, Draining, Open
from hookline_api.settings import ApiSettings
from tests.builders import a_delivery, an_id
from tests.engine.clock import FakeClock
from tests.worlds.client import Client

EVERYTHING: dict[str, Any] = {
    "name": "everything",
    "description": "All fields\nat once",
    "url": "https://example.com/hook?x=1",
    "method": "PUT",
    "content_type": "text/plain",
    "headers": {"X-Plain": "seen", "X-Api-Key": "k3y"},
    "enabled": False,
    "events": ["flow.created", "feature.*"],
    "scope": {"projects": ["a"], "entities": [], "environments": ["prod"]},
    "filter": "data.rows > `3`",
    "context": "prod/mobile",
    "user": "ann",
    "body_template": "{{event.id}}",
    "include_entity": False,
    "secret": "whsec_" + "A" * 32,
    "signatures": ["standard", "hmac-sha1"],
    "auth": {"type": "basic", "username": "u", "password": "p4ss"},
    "timeout_seconds": 5,
    "retry": {
        "initial_delay_seconds": 1,
        "multiplier": 2,
        "max_delay_seconds": 60,
        "max_attempts": 3,
        "max_age_seconds": 600,
    },
    "rate_limit": {"per_second": 2.5},
}


def told_of(settings: ApiSettings, webhook_id: str) -> list[tuple[str, int]]:
    """The operational events that were accepted about a webhook: type and version, sorted."""
    items = Clients().dynamodb().scan(TableName=settings.events_table)["Items"]
    about = [item for item in items if item.get("entity_id", {}).get("S") == webhook_id]
    return sorted((item["type"]["S"], json.loads(item["data"]["S"])["version"]) for item in about)


def test_every_field_comes_back_as_it_was_sent_but_secrets(client: Client) -> None:
    made = client.a_webhook(**EVERYTHING)
    read = client("GET", f"/webhooks/{made['id']}").json
    masked = {
        "secret": "*****",
        "headers": {"X-Plain": "seen", "X-Api-Key": "*****"},
        "auth": {"type": "basic", "username": "u", "password": "*****"},
    }
    assert {name: read[name] for name in EVERYTHING} == EVERYTHING | masked
    assert read["version"] == 1
    assert read["health"] == {
        "state": "disabled",
        "consecutive_failures": 0,
        "last_success_at": None,
        "last_failure_at": None,
        "since": None,
        "next_probe_at": None,
        "disabled_reason": None,
        "filter_failures": 0,
        "filter_failure": None,
        "filter_failed_at": None,
    }


def test_an_open_circuit_tells_since_when_and_when_it_is_tried_next(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    made = client.a_webhook()
    opened, probe = clock(), clock() + FIRST_PROBE_INTERVAL
    of = (TenantId(client.tenant), WebhookId(made["id"]))
    for circuit, told in (
        (Open(opened, probe, FIRST_PROBE_INTERVAL), (iso(opened), iso(probe))),
        (Draining(probe), (iso(probe), None)),
    ):
        (before,) = stores.health.get_many([of])
        assert stores.health.replace(before, replace(before, circuit=circuit))
        health = client("GET", f"/webhooks/{made['id']}").json["health"]
        assert (health["since"], health["next_probe_at"]) == told


@pytest.mark.parametrize(("failed_since", "seen"), [(150, True), (200, False)])
def test_a_last_success_is_looked_for_in_a_bounded_stretch_of_the_log(
    client: Client, stores: ApiStack, clock: FakeClock, failed_since: int, seen: bool
) -> None:
    webhook = client.a_webhook()["id"]

    def delivery(age: int, status: Status) -> Delivery:
        return a_delivery(
            tenant=TenantId(client.tenant),
            webhook_id=WebhookId(webhook),
            event_id=an_id("evt"),
            created_at=clock() - timedelta(seconds=age),
            finished_at=clock(),
            status=status,
        )

    failed = [delivery(age, Status.FAILED) for age in range(failed_since)]
    stores.new_deliveries.create([*failed, delivery(failed_since, Status.SUCCESS)])
    health = client("GET", f"/webhooks/{webhook}").json["health"]
    assert (health["last_success_at"] is not None) == seen


def test_a_rejected_body_names_all_that_is_wrong_with_it(client: Client) -> None:
    reply = client("POST", "/webhooks", {"url": "ftp://x", "events": [], "colour": 1})
    assert reply.status == 422
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json | {"errors": [], "request_id": ""} == {
        "type": "urn:hookline:problem:invalid",
        "code": "invalid",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "The request is invalid.",
        "request_id": "",
        "errors": [],
    }
    assert sorted(reply.fields) == ["colour", "events", "name", "url"]


def test_a_name_is_unique_in_its_tenant(client: Client) -> None:
    client.a_webhook(name="taken")
    document = {"name": "taken", "url": "https://example.com", "events": ["*"]}
    assert client("POST", "/webhooks", document).status == 409
    other = client.a_webhook()
    assert client("PATCH", f"/webhooks/{other['id']}", {"name": "taken"}).status == 409


def test_a_patch_merges_and_raises_the_version(client: Client) -> None:
    made = client.a_webhook(headers={"X-A": "1", "X-B": "2"}, filter="data")
    patch = {"headers": {"X-A": None, "X-C": "3"}, "filter": None, "retry": {"multiplier": 2}}
    reply = client("PATCH", f"/webhooks/{made['id']}", patch)
    assert reply.status == 200
    assert reply.json["headers"] == {"X-B": "2", "X-C": "3"}
    assert reply.json["filter"] is None
    assert reply.json["retry"]["multiplier"] == 2
    assert reply.json["version"] == 2
    assert reply.headers["ETag"] == '"2"'


def test_what_was_read_can_be_sent_back_and_changes_nothing_secret(client: Client) -> None:
    made = client.a_webhook(**EVERYTHING)
    path = f"/webhooks/{made['id']}"
    read = client("GET", path).json
    reply = client("PATCH", path, read | {"name": "renamed"})
    assert reply.status == 200
    assert client("GET", f"{path}/secret").json == {"secret": EVERYTHING["secret"]}


def test_another_origin_needs_the_credentials_again(client: Client) -> None:
    made = client.a_webhook(**EVERYTHING)
    reply = client("PATCH", f"/webhooks/{made['id']}", {"url": "https://other.example"})
    assert reply.status == 422
    assert sorted(reply.fields) == ["auth.password", "headers.X-Api-Key"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_edit_of_another_version_is_refused(client: Client, method: str) -> None:
    path = f"/webhooks/{client.a_webhook()['id']}"
    body = {"name": "x"} if method == "PATCH" else None
    assert client(method, path, body, headers={"If-Match": '"7"'}).status == 412
    assert client(method, path, body, headers={"If-Match": '"1"'}).status in {200, 204}


def test_a_deleted_webhook_is_gone_and_its_name_is_free(client: Client) -> None:
    made = client.a_webhook(name="once")
    path = f"/webhooks/{made['id']}"
    assert client("DELETE", path).status == 204
    assert client("GET", path).status == 404
    assert client("DELETE", path).status == 404
    client.a_webhook(name="once")


def test_the_list_is_newest_first_without_bodies_and_goes_on(client: Client) -> None:
    names = [client.a_webhook(body_template="{{event.id}}")["name"] for _ in range(5)]
    first = client("GET", "/webhooks", query={"limit": "3"}).json
    rest = client("GET", "/webhooks", query={"limit": "3", "cursor": first["next_cursor"]}).json
    assert sorted(w["name"] for w in first["items"] + rest["items"]) == sorted(names)
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 2, None)
    assert "body_template" not in first["items"][0]
    assert first["items"][0]["secret"] == "*****"


def test_a_page_of_large_webhooks_ends_at_a_mebibyte(client: Client, clock: FakeClock) -> None:
    made = []
    for _ in range(30):
        made.append(client.a_webhook(headers={"X-Large": "x" * 40_000})["id"])
        clock.advance(timedelta(milliseconds=1))
    seen: list[str] = []
    query: dict[str, Any] = {"limit": "100"}
    for _ in range(2):
        page = client("GET", "/webhooks", query=query)
        assert len(page.text) < 1_100_000
        seen += [item["id"] for item in page.json["items"]]
        query = {"limit": "100", "cursor": page.json["next_cursor"]}
    assert (seen, query["cursor"]) == (made[::-1], None)


def test_whoever_subscribes_is_told_of_every_change_of_a_webhook(
    client: Client, settings: ApiSettings
) -> None:
    client.a_webhook(events=["*"], enabled=False)
    client.a_webhook(events=["hookline.webhook.*"])
    made = client.a_webhook()
    path = f"/webhooks/{made['id']}"
    assert client("PATCH", path, {"description": "changed"}).status == 200
    assert client("POST", f"{path}/secret/rotate").status == 200
    assert client("DELETE", path).status == 204
    assert told_of(settings, made["id"]) == [
        ("hookline.webhook.created", 1),
        ("hookline.webhook.deleted", 3),
        ("hookline.webhook.updated", 2),
        ("hookline.webhook.updated", 3),
    ]


def test_an_unknown_webhook_a_malformed_id_and_another_tenant_read_the_same(
    client: Client, api: Any
) -> None:
    made = client.a_webhook()
    stranger = Client(api, "unheard-of")
    replies = [
        client("GET", "/webhooks/wh_01JDA0000000000000000000AA"),
        client("GET", "/webhooks/name#x"),
        stranger("GET", f"/webhooks/{made['id']}"),
    ]
    bodies = {reply.text.partition('"request_id"')[0] for reply in replies}
    assert [reply.status for reply in replies] == [404, 404, 404]
    assert len(bodies) == 1


def test_a_writer_creates_scoped_webhooks_and_becomes_their_admin(client: Client) -> None:
    writer = client.with_key(client.a_key(level="write"))
    document = {"name": "mine", "url": "https://example.com", "events": ["*"]}
    assert writer("POST", "/webhooks", document).status == 403
    made = writer("POST", "/webhooks", document | {"scope": {"projects": ["a"]}})
    assert made.status == 201
    assert writer("DELETE", f"/webhooks/{made.json['id']}").status == 204


def test_a_list_holds_only_what_the_caller_may_see(client: Client) -> None:
    seen, _ = client.a_webhook(), [client.a_webhook() for _ in range(3)]
    made = client("POST", "/principals", {"name": "guest"}).json
    key = client("POST", f"/principals/{made['id']}/keys", {}).json["key"]
    right = client("PUT", f"/webhooks/{seen['id']}/rights/{made['id']}", {"level": "read"})
    assert right.status == 204
    guest = client.with_key(key)
    page = guest("GET", "/webhooks", query={"limit": "1"}).json
    assert [webhook["id"] for webhook in page["items"]] == [seen["id"]]
