"""Sending one stored event to one webhook."""

from __future__ import annotations

from datetime import timedelta

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from tests.engine.clock import FakeClock
from tests.worlds.client import Client

EVENT = {"type": "flow.executed", "id": "e-1", "data": {"rows": 1}}


def test_an_event_is_sent_to_a_webhook_that_does_not_subscribe_to_it(
    client: Client, clock: FakeClock, stores: ApiStack
) -> None:
    webhook = client.a_webhook(events=["other"], retry={"max_age_seconds": 3_600})
    client.made("/events", EVENT)
    clock.advance(timedelta(days=2))
    sent = client.made(f"/webhooks/{webhook['id']}/send", {"event_id": "e-1"})
    assert (sent["event_id"], sent["status"], sent["test"]) == ("e-1", "created", False)
    assert sent["expires_at"] == (clock() + timedelta(hours=1)).isoformat(
        timespec="milliseconds"
    ).replace("+00:00", "Z")
    log = client("GET", f"/webhooks/{webhook['id']}/deliveries", query={"event_id": "e-1"})
    assert [each["id"] for each in log.json["items"]] == [sent["id"]]
    (why,) = client("GET", "/events/e-1/why").json["items"]
    assert (why["outcome"], why["evidence"]["delivery_id"]) == ("waiting", sent["id"])


def test_where_the_delivery_is_there_it_is_retried(client: Client, stores: ApiStack) -> None:
    webhook = client.a_webhook()
    client.made("/events", EVENT)
    path = f"/webhooks/{webhook['id']}/send"
    first = client.made(path, {"event_id": "e-1"})
    again = client.made(path, {"event_id": "e-1"})
    assert again["id"] == first["id"]
    key = DeliveryKey(TenantId(client.tenant), WebhookId(webhook["id"]), DeliveryId(first["id"]))
    stored = stores.delivery_changes.get(key)
    assert stored is not None
    assert stored.generation == 1


def test_what_cannot_be_sent_is_refused(client: Client) -> None:
    webhook = client.a_webhook(enabled=False)
    path = f"/webhooks/{webhook['id']}/send"
    refused = client("POST", path, {"event_id": "e-1"})
    assert (refused.status, refused.fields) == (422, ["event_id"])
    client.made("/events", EVENT)
    off = client("POST", path, {"event_id": "e-1"})
    assert (off.status, off.json["code"]) == (409, "webhook_off")
