"""Finding webhooks: by name, state and what they hear, with how their last day went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.times import iso
from hookline.domain.webhook.health import Draining, Health, Open
from tests.builders import a_delivery, an_id
from tests.engine.clock import FakeClock
from tests.worlds.client import Client


def names(client: Client, **query: str) -> list[str]:
    reply = client("GET", "/webhooks", query=query)
    assert reply.status == 200, reply.text
    # Those made in one millisecond come in any order.
    return sorted(each["name"] for each in reply.json["items"])


def set_health(stores: ApiStack, client: Client, webhook: Any, **changes: Any) -> None:
    before = Health(tenant=TenantId(client.tenant), webhook_id=WebhookId(webhook["id"]))
    assert stores.health.replace(before, replace(before, **changes))


def test_webhooks_are_found_by_a_part_of_their_name_or_host(client: Client) -> None:
    client.a_webhook(name="Orders to the Warehouse", url="https://stock.example.com/in")
    client.a_webhook(name="invoices", url="https://billing.example.org/hook")
    assert names(client, q="ware") == ["Orders to the Warehouse"]
    assert names(client, q="BILLING.example") == ["invoices"]
    assert names(client, q="hook") == []
    assert names(client, q="e") == ["Orders to the Warehouse", "invoices"]


def test_webhooks_are_found_by_what_they_hear(client: Client) -> None:
    for name, events in (("exact", ["order.paid"]), ("prefix", ["order.*"]), ("all", ["*"])):
        client.a_webhook(name=name, events=events)
    client.a_webhook(name="other", events=["flow.*", "hookline.*"])
    assert names(client, event_type="order.paid") == ["all", "exact", "prefix"]
    assert names(client, event_type="hookline.webhook.disabled") == ["other"]


def test_webhooks_are_found_by_how_they_are_doing(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    now = clock()
    client.a_webhook(name="healthy")
    client.a_webhook(name="off", enabled=False)
    failing = client.a_webhook(name="failing")
    set_health(stores, client, failing, consecutive_failures=3)
    circuits = {"open": Open(now, now, timedelta(seconds=30)), "draining": Draining(now)}
    for name, circuit in circuits.items():
        set_health(stores, client, client.a_webhook(name=name), circuit=circuit)
    assert names(client, state="healthy") == ["healthy"]
    assert names(client, state="failing") == ["failing"]
    assert names(client, state="open") == ["draining", "open"]
    assert names(client, state="off") == ["off"]


def test_pages_of_what_was_searched_hold_each_webhook_once(client: Client) -> None:
    for number in range(7):
        client.a_webhook(name=f"{'odd' if number % 2 else 'even'} {number}")
    found: list[str] = []
    query = {"q": "even", "limit": "3"}
    while True:
        page = client("GET", "/webhooks", query=query).json
        found += [each["name"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(found) == ["even 0", "even 2", "even 4", "even 6"]


def test_a_cursor_belongs_to_its_search(client: Client) -> None:
    for number in range(3):
        client.a_webhook(name=f"even {number}")
    cursor = client("GET", "/webhooks", query={"q": "even", "limit": "1"}).json["next_cursor"]
    other = client("GET", "/webhooks", query={"q": "odd", "limit": "1", "cursor": cursor})
    assert (other.status, other.fields) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("state", "ill"), ("event_type", "a b"), ("include", "secrets"), ("q", ""), ("stauts", "x")],
)
def test_a_search_that_means_nothing_is_refused(client: Client, name: str, value: str) -> None:
    refused = client("GET", "/webhooks", query={name: value})
    assert (refused.status, refused.fields) == (422, [name])


def test_a_list_shows_how_the_last_day_of_each_webhook_went(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    webhook, quiet = client.a_webhook(), client.a_webhook()
    now = clock()
    for hours, status in (
        (0, Status.SUCCESS),
        (0, Status.FAILED),
        (3, Status.RETRYING),
        (30, Status.FAILED),
    ):
        stores.new_deliveries.create(
            [
                a_delivery(
                    tenant=TenantId(client.tenant),
                    webhook_id=WebhookId(webhook["id"]),
                    event_id=an_id("evt"),
                    created_at=now - timedelta(hours=hours),
                    status=status,
                    finished_at=now if status is Status.SUCCESS else None,
                    next_attempt_at=now if status is Status.RETRYING else None,
                )
            ]
        )
    plain = client("GET", "/webhooks").json["items"]
    assert all("series" not in each for each in plain)
    items = client("GET", "/webhooks", query={"include": "stats"}).json["items"]
    by_id = {each["id"]: each for each in items}
    shown = by_id[webhook["id"]]
    assert (shown["success_rate_24h"], shown["deliveries_24h"]) == (0.5, 3)
    assert shown["stats_truncated"] is False
    assert len(shown["series"]) == 24
    newest, three_before = shown["series"][-1], shown["series"][-4]
    assert (newest["success"], newest["failed"], three_before["retrying"]) == (1, 1, 1)
    # No success writes a health record; the log knows of it all the same.
    assert (shown["health"]["last_success_at"], shown["next_attempt_at"]) == (iso(now), iso(now))
    silent = by_id[quiet["id"]]
    assert (silent["success_rate_24h"], silent["next_attempt_at"]) == (None, None)


def test_each_webhook_tells_its_reader_their_level_on_it(client: Client) -> None:
    first, second = client.a_webhook(), client.a_webhook()
    principal, key = client.a_principal(default_webhook_level="read")
    client.put(f"/webhooks/{second['id']}/rights/{principal}", {"level": "write"})
    reader = client.with_key(key)
    levels = {each["id"]: each["level"] for each in reader("GET", "/webhooks").json["items"]}
    assert levels == {first["id"]: "read", second["id"]: "write"}
    assert reader("GET", f"/webhooks/{second['id']}").json["level"] == "write"
    assert (first["level"], client("GET", "/webhooks").json["items"][0]["level"]) == (
        "admin",
        "admin",
    )
    creator = client.with_key(client.a_key(level="write"))
    assert creator.a_webhook(scope={"projects": ["p"]})["level"] == "admin"


def test_a_whole_answer_sent_back_as_it_stands_still_passes(client: Client) -> None:
    webhook = client.a_webhook()
    whole = client("GET", f"/webhooks/{webhook['id']}").json
    assert client("PATCH", f"/webhooks/{webhook['id']}", whole | {"level": "read"}).status == 200
    refused = client("PATCH", f"/webhooks/{webhook['id']}", {"level": "read"})
    assert (refused.status, refused.fields) == (422, ["level"])
