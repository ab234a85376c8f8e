"""Why an event did or did not reach a webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from tests.builders import a_delivery, a_fan_out
from tests.engine.clock import FakeClock
from tests.worlds.client import Client

EVENT = {
    "type": "flow.executed",
    "project": "p",
    "environment": "prod",
    "entity_id": "o-1",
    "data": {"total": 5, "secret_sauce": "yes"},
}


def why(client: Client, event: str = "e-1") -> dict[str, Any]:
    reply = client("GET", f"/events/{event}/why")
    assert reply.status == 200, reply.text
    return {each["name"]: each for each in reply.json["items"]}


def fanned_out(stores: ApiStack, client: Client, **changes: Any) -> Any:
    """The record that fan-out would have written of e-1."""
    event = stores.events.get(TenantId(client.tenant), EventId("e-1"))
    assert event is not None
    made = a_fan_out(
        tenant=event.tenant,
        event_id=event.id,
        event_type=event.type,
        accepted_at=event.accepted_at,
        claimed_at=event.accepted_at,
        matches=(),
        **changes,
    )
    assert stores.fan_outs.claim(made)
    return event


@pytest.mark.parametrize(
    ("name", "fields", "evidence"),
    [
        ("type", {"events": ["other.*"]}, {"type": "flow.executed"}),
        ("scope", {"scope": {"projects": ["q"]}}, {"project": "p", "entity_id": "o-1"}),
        ("environment", {"scope": {"environments": ["test"]}}, {"environment": "prod"}),
        ("filter", {"filter": "data.total"}, None),
        (
            "filter",
            {"filter": "data.none"},
            {"filter": "data.none", "result": None, "saw": ""},
        ),
        ("off", {"enabled": False}, {}),
    ],
)
def test_what_was_not_sent_is_explained_by_the_first_thing_against_it(
    client: Client,
    clock: FakeClock,
    stores: ApiStack,
    name: str,
    fields: dict[str, object],
    evidence: dict[str, object] | None,
) -> None:
    client.a_webhook(name="hook", **fields)
    clock.advance(timedelta(seconds=1))
    client.made("/events", EVENT | {"id": "e-1"})
    fanned_out(stores, client)
    found = why(client)["hook"]
    assert found["outcome"] == "not_sent"
    if evidence is None:  # the filter is true: what kept it from being sent is gone
        assert found["reason"] == "changed_later"
    else:
        assert (found["reason"], found["evidence"]) == (name, evidence)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (Status.CREATED, "waiting"),
        (Status.RETRYING, "waiting"),
        (Status.SUCCESS, "delivered"),
        (Status.FAILED, "failed"),
        (Status.CANCELLED, "cancelled"),
    ],
)
def test_what_was_sent_tells_how_its_delivery_stands(
    client: Client, stores: ApiStack, status: Status, outcome: str
) -> None:
    webhook = client.a_webhook(name="hook")
    client.made("/events", EVENT | {"id": "e-1"})
    event = fanned_out(stores, client)
    delivery = a_delivery(
        tenant=event.tenant,
        webhook_id=WebhookId(webhook["id"]),
        event_id=event.id,
        created_at=event.accepted_at,
        status=status,
        attempt_count=2,
    )
    stores.new_deliveries.create([delivery])
    found = why(client)["hook"]
    assert (found["outcome"], found["reason"]) == (outcome, status.value)
    assert found["evidence"] == {"delivery_id": delivery.key.id, "attempts": 2}


def test_what_comes_yet_waits(client: Client, clock: FakeClock) -> None:
    client.a_webhook(name="hook")
    clock.advance(timedelta(seconds=1))
    client.made("/events", EVENT | {"id": "e-1"})
    found = why(client)["hook"]
    assert (found["outcome"], found["reason"]) == ("waiting", "not_fanned_out")


def test_a_webhook_that_came_or_changed_later_says_so(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    changed = client.a_webhook(name="changed", enabled=False)
    clock.advance(timedelta(seconds=1))
    client.made("/events", EVENT | {"id": "e-1"})
    fanned_out(stores, client)
    clock.advance(timedelta(seconds=1))
    client.a_webhook(name="later")
    client("PATCH", f"/webhooks/{changed['id']}", {"enabled": True})
    found = why(client)
    assert {name: each["reason"] for name, each in found.items()} == {
        "changed": "changed_later",
        "later": "created_later",
    }
    assert "changed_at" in found["changed"]["evidence"]


def test_a_test_of_one_webhook_is_for_no_other(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    tested = client.a_webhook(name="tested")
    client.a_webhook(name="other")
    clock.advance(timedelta(seconds=1))
    event = client.made(f"/webhooks/{tested['id']}/test")["event_id"]
    found = why(client, event)
    assert found["tested"]["outcome"] == "waiting"
    assert (found["other"]["outcome"], found["other"]["reason"]) == ("not_sent", "target")


def test_an_owner_reads_why_for_its_own_webhooks_and_nothing_of_the_event(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    mine = client.a_webhook(name="mine", filter="data.secret_sauce == 'no'")
    client.a_webhook(name="other")
    clock.advance(timedelta(seconds=1))
    client.made("/events", EVENT | {"id": "e-1"})
    fanned_out(stores, client)
    principal, key = client.a_principal()
    client.put(f"/webhooks/{mine['id']}/rights/{principal}", {"level": "read"})
    found = why(client.with_key(key))
    assert list(found) == ["mine"]
    assert (found["mine"]["reason"], found["mine"]["evidence"]) == ("filter", {})
    assert client.with_key(key)("GET", "/events/e-1").status == 403


def test_an_event_that_never_was_has_no_why(client: Client) -> None:
    assert client("GET", "/events/e-9/why").status == 404
