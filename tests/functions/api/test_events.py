"""Publishing events over HTTP, and reading them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import OnItsWebhook
from hookline.domain.fan_out.fan_out import FanOut
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.net.header_rules import MAX_HOPS
from hookline.domain.times import from_iso
from tests.builders import a_delivery, a_fan_out, a_match, an_id
from tests.engine.clock import FakeClock
from tests.worlds.client import Client
from tests.worlds.stack import Stack

EVENT: dict[str, Any] = {
    "type": "flow.executed",
    "id": "my-1",
    "occurred_at": "2026-11-22T11:00:00.000Z",
    "actor": {"id": "u1", "name": "Ann"},
    "project": "website",
    "environment": "prod",
    "entity_id": "flow-7",
    "entity_type": "flow",
    "entity_url": "https://app.example/flows/7",
    "entity": {"n": 1},
    "data": {"deep": [{"er": True}], "number": 12345678901234567890.5},
    "previous_data": None,
    "tags": ["a"],
    "feature": {"id": "f1", "strategies": {"": {"enabled": True}}},
}


def test_an_accepted_event_can_be_read_back(client: Client, clock: FakeClock) -> None:
    reply = client("POST", "/events", EVENT)
    assert (reply.status, reply.json) == (
        202,
        {"id": "my-1", "type": "flow.executed", "duplicate": False},
    )
    read = client("GET", "/events/my-1")
    assert read.status == 200
    given = {name: value for name, value in EVENT.items() if value is not None}
    assert read.json == given | {
        "tenant": client.tenant,
        "accepted_at": "2026-11-22T12:00:00.123Z",
        "test": False,
    }


def test_the_same_id_again_is_a_duplicate(client: Client) -> None:
    client("POST", "/events", EVENT)
    again = client("POST", "/events", EVENT)
    assert (again.status, again.json["duplicate"]) == (202, True)
    other = client("POST", "/events", EVENT | {"type": "other", "data": "other"})
    assert other.status == 409
    assert other.json["detail"].endswith("it differs in type, data.")
    assert client("GET", "/events/my-1").json["data"] == EVENT["data"]


def test_an_event_without_an_id_gets_one(client: Client) -> None:
    made = client("POST", "/events", {"type": "flow.executed"}).json
    assert made["id"].startswith("evt_")
    assert client("GET", f"/events/{made['id']}").status == 200


def test_a_batch_answers_each_event_in_order_and_refuses_alone(client: Client) -> None:
    events: list[Any] = [{"type": f"flow.n{number}"} for number in range(20)]
    events[3] = {"type": "hookline.made.up", "id": 7}
    events[4] = "nonsense"
    events[5] = {"type": "flow.big", "data": "x" * 300_000}
    reply = client("POST", "/events/batch", {"events": events})
    items = reply.json["items"]
    assert reply.status == 200
    assert [item.get("type") for item in items[:3]] == ["flow.n0", "flow.n1", "flow.n2"]
    assert [items[n]["problem"]["status"] for n in (3, 4, 5)] == [422, 422, 413]
    assert {error["field"] for error in items[3]["problem"]["errors"]} == {"type", "id"}
    assert items[19]["duplicate"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": []}, "events"),
        ({"events": [{"type": "a"}] * 101}, "events"),
        ({"events": {}}, "events"),
        ({}, "events"),
        ({"events": [{"type": "a"}], "colour": 1}, "colour"),
    ],
)
def test_a_batch_of_another_shape_is_refused_as_a_whole(
    client: Client, body: Any, field: str
) -> None:
    reply = client("POST", "/events/batch", body)
    assert (reply.status, reply.fields) == (422, [field])


def test_data_is_checked_by_the_schema_of_the_catalogue(client: Client) -> None:
    schema = {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "integer"}}}
    assert client("PUT", "/event-types/flow.executed", {"schema": schema}).status == 200
    refused = client("POST", "/events", {"type": "flow.executed", "data": {"rows": "many"}})
    assert (refused.status, refused.fields) == (422, ["data.rows"])
    assert client("POST", "/events", {"type": "flow.executed", "data": {"rows": 1}}).status == 202


def test_a_reader_may_not_publish_and_a_writer_may(client: Client) -> None:
    reader = client.with_key(client.a_key(level="read"))
    writer = client.with_key(client.a_key(level="write"))
    assert reader("POST", "/events", {"type": "a"}).status == 403
    assert writer("POST", "/events", {"type": "a"}).status == 202
    assert reader("GET", "/events").status == 200


def test_a_dry_run_says_for_each_webhook_why(client: Client) -> None:
    client.a_webhook(name="takes it")
    client.a_webhook(name="other type", events=["feature.*"])
    client.a_webhook(name="off", enabled=False)
    reply = client("POST", "/events/dry-run", EVENT)
    assert reply.status == 200
    assert {item["name"]: (item["matched"], item["reason"]) for item in reply.json["items"]} == {
        "takes it": (True, "its events include flow.executed by flow.*"),
        "other type": (False, "its events do not include flow.executed"),
        "off": (False, "the webhook is off"),
    }
    assert client("GET", "/events/my-1").status == 404


def test_a_dry_run_of_a_broken_event_names_its_fields(client: Client) -> None:
    assert client("POST", "/events/dry-run", {"type": "", "id": ""}).fields == ["type", "id"]


def fanned_out(stores: ApiStack, tenant: str, accepted_at: str, webhooks: list[str]) -> FanOut:
    """What the fan-out of one event would have left."""
    fan_out = a_fan_out(
        tenant=TenantId(tenant),
        event_id=EventId(an_id("evt")),
        accepted_at=from_iso(accepted_at),
        matches=tuple(a_match(webhook_id=WebhookId(webhook)) for webhook in webhooks),
    )
    assert stores.fan_outs.claim(fan_out)
    return fan_out


def test_events_are_listed_newest_first_and_by_time(client: Client, stores: ApiStack) -> None:
    ids = [
        fanned_out(stores, client.tenant, f"2026-11-22T1{hour}:00:00.000Z", []).event_id
        for hour in range(5)
    ]
    first = client("GET", "/events", query={"limit": "3"}).json
    rest = client("GET", "/events", query={"limit": "3", "cursor": first["next_cursor"]}).json
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert first["items"][0] == {
        "id": ids[4],
        "type": "flow.executed",
        "accepted_at": "2026-11-22T14:00:00.000Z",
        "entity_id": None,
        "matched_webhooks": 0,
        "test": False,
    }
    between = {"since": "2026-11-22T11:00:00Z", "until": "2026-11-22T13:00:00Z"}
    assert [item["id"] for item in client("GET", "/events", query=between).json["items"]] == [
        ids[2],
        ids[1],
    ]


def test_an_events_deliveries_come_in_the_order_of_its_fan_out(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    webhooks = [client.a_webhook()["id"] for _ in range(4)]
    event = client("POST", "/events", {"type": "flow.executed"}).json["id"]
    fan_out = a_fan_out(
        tenant=TenantId(client.tenant),
        event_id=EventId(event),
        accepted_at=clock.now,
        matches=tuple(a_match(webhook_id=WebhookId(webhook)) for webhook in webhooks),
    )
    assert client("GET", f"/events/{event}/deliveries").json["items"] == []
    stores.fan_outs.claim(fan_out)
    stores.new_deliveries.create(
        [
            a_delivery(
                tenant=TenantId(client.tenant),
                webhook_id=WebhookId(webhook),
                event_id=EventId(event),
                created_at=clock.now,
                expires_at=clock.now + timedelta(days=10),
            )
            for webhook in webhooks
        ]
    )
    path = f"/events/{event}/deliveries"
    first = client("GET", path, query={"limit": "3"}).json
    rest = client("GET", path, query={"limit": "3", "cursor": first["next_cursor"]}).json
    assert [item["webhook_id"] for item in first["items"] + rest["items"]] == webhooks


def test_an_events_deliveries_show_how_their_webhooks_stand_now(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    webhook = WebhookId(client.a_webhook()["id"])
    event = EventId(client("POST", "/events", {"type": "flow.executed"}).json["id"])
    tenant, matches = TenantId(client.tenant), (a_match(webhook_id=webhook),)
    fan_out = a_fan_out(tenant=tenant, event_id=event, accepted_at=clock.now, matches=matches)
    stores.fan_outs.claim(fan_out)
    held = a_delivery(
        tenant=tenant,
        webhook_id=webhook,
        event_id=event,
        created_at=clock.now,
        waiting=OnItsWebhook(clock.now),
        next_attempt_at=clock.now,
    )
    stores.new_deliveries.create([held])
    client("PATCH", f"/webhooks/{webhook}", {"enabled": False})
    (item,) = client("GET", f"/events/{event}/deliveries").json["items"]
    assert item["next_attempt_at"] is None


def test_an_unknown_event_is_not_found(client: Client) -> None:
    assert client("GET", "/events/evt_unheard").status == 404
    assert client("GET", "/events/evt_unheard/deliveries").status == 404
    assert client("GET", "/events/no%20id").status == 404


def test_a_filter_that_is_no_time_is_refused(client: Client) -> None:
    reply = client("GET", "/events", query={"since": "yesterday", "until": "1"})
    assert (reply.status, reply.fields) == (422, ["since", "until"])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",) * 2,
        ("nonsense", None),
        ("x" * 5_000, None),
    ],
)
def test_a_well_formed_trace_is_kept(
    client: Client, stores: ApiStack, sent: str, kept: str | None
) -> None:
    made = client("POST", "/events", {"type": "a"}, headers={"traceparent": sent}).json
    event = stores.events.get(TenantId(client.tenant), EventId(made["id"]))
    assert event is not None
    assert event.traceparent == kept


def test_events_are_found_by_type_and_by_entity_page_by_page(client: Client, stack: Stack) -> None:
    for number in range(6):
        client(
            "POST",
            "/events",
            {"type": f"a.{number % 2}", "entity_id": f"e-{number % 3}", "id": f"evt-{number}"},
        )
    stack.deliver()

    def found(**query: str) -> list[str]:
        reply = client("GET", "/events", query=query)
        assert reply.status == 200, reply.text
        return sorted(item["id"] for item in reply.json["items"])

    assert found(type="a.0") == ["evt-0", "evt-2", "evt-4"]
    assert found(entity_id="e-1") == ["evt-1", "evt-4"]
    assert found(type="a.1", entity_id="e-1") == ["evt-1"]
    assert found(type="a.0,a.1") == [f"evt-{number}" for number in range(6)]
    first = client("GET", "/events", query={"type": "a.0", "limit": "2"}).json
    rest = client(
        "GET", "/events", query={"type": "a.0", "limit": "2", "cursor": first["next_cursor"]}
    ).json
    shown = [item["id"] for item in (*first["items"], *rest["items"])]
    assert sorted(shown) == ["evt-0", "evt-2", "evt-4"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("path", ["/events", "/events/batch"])
def test_webhooks_that_publish_by_the_api_in_a_loop_are_stopped(
    client: Client, stores: ApiStack, path: str
) -> None:
    document = {"type": "flow.executed"}
    body = {"events": [document]} if path.endswith("batch") else document
    headers = {"webhook-id": "evt_1"}  # as the first delivery has it, which tells of no hops
    for hops in range(1, MAX_HOPS + 2):
        reply = client("POST", path, body, headers=headers).json
        (accepted,) = reply.get("items", [reply])
        event = stores.events.get(TenantId(client.tenant), EventId(accepted["id"]))
        assert event is not None
        assert event.hops == hops
        headers = {"webhook-id": accepted["id"], "hookline-hops": str(hops)}
    stopped = client("POST", path, body, headers=headers)
    assert (stopped.status, stopped.json["code"]) == (409, "loop_stopped")
    assert "9 times" in stopped.json["detail"]
