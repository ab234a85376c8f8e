"""APIIDA API Control Plane's rows: events of an API's life out, one test a row."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from hookline.domain.times import from_iso
from tests.e2e.aws import dynamodb_of
from tests.e2e.tenant import Tenant, planned_waits
from tests.e2e.waiting import eventually
from tests.published import published

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue" / "apiida.json"
SLOW = {"initial_delay_seconds": 3_600}
"""A policy whose second attempt is far away: what happens before it was asked for."""


def test_ap_1_a_hook_has_a_name_a_url_events_and_a_status(tenant: Tenant) -> None:
    hook = tenant.hook(name="Approvals to the desk", events=["subscription.create"])
    inactive = tenant.hook(events=["subscription.create"], enabled=False)
    stored = tenant.api.get(hook.at)
    assert (stored["name"], stored["enabled"]) == ("Approvals to the desk", True)
    assert (stored["url"], stored["events"]) == (hook.made["url"], ["subscription.create"])
    without = tenant.api("POST", "/webhooks", {"name": "x", "url": stored["url"], "events": []})
    assert (without.status, without.fields) == (422, {"events"})

    event_id = tenant.publish(published("apiida_subscription_create"))
    hook.arrives(event_id)
    assert tenant.went_to(event_id) == {hook.id}
    assert inactive.log() == []
    assert inactive.arrivals() == []

    inactive.patch(enabled=True)
    hook.patch(enabled=False)
    later = tenant.publish(published("apiida_subscription_create"))
    inactive.arrives(later)
    assert tenant.went_to(later) == {inactive.id}


def test_ap_2_one_hook_takes_as_many_events_as_wanted_each_with_its_own_payload(
    tenant: Tenant,
) -> None:
    entries = json.loads(CATALOGUE.read_text("utf-8"))["event_types"]
    events = [{"type": entry["type"], "data": entry["example"]} for entry in entries]
    # As many as a hook can name one by one; beyond that there are prefixes and `*`.
    events += [{"type": f"api.event-{n}", "data": [n]} for n in range(45 - len(entries))]
    hook = tenant.hook(events=[event["type"] for event in events])
    accepted = tenant.api.post("/events/batch", {"events": events})["items"]
    other = tenant.publish(type="somebody.else")

    sent = [hook.arrives(item["id"]).json for item in accepted]
    assert [{"type": body["type"], "data": body["data"]} for body in sent] == events
    assert tenant.went_to(other) == set()


def test_ap_3_a_retrying_message_goes_to_the_new_address_on_its_next_attempt(
    tenant: Tenant,
) -> None:
    hook = tenant.hook("/status/500", retry={"initial_delay_seconds": 12})
    event_id = tenant.publish(published("apiida_subscription_create"))
    hook.delivered(event_id, "retrying", attempts=1)
    moved = tenant.path()
    hook.patch(url=tenant.receiver.base + moved)

    delivery = hook.delivered(event_id)
    assert len(hook.arrivals()) == 1
    assert [call.event_id for call in tenant.receiver.arrivals(moved)] == [event_id]
    urls = [attempt["request"]["url"] for attempt in delivery["attempts"]]
    assert urls == [hook.made["url"], tenant.receiver.base + moved]


def test_ap_4_the_log_of_a_hook_has_every_message_with_event_time_data_and_status(
    tenant: Tenant,
) -> None:
    hook, other = tenant.hook("/fail-each/1", retry=SLOW), tenant.hook()
    tenant.receiver.behave(hook.path, status=500, times=1)
    retrying = tenant.publish(published("apiida_subscription_create"))
    hook.delivered(retrying, "retrying", attempts=1)
    succeeded = tenant.publish(published("apiida_subscription_create"))
    deleted = tenant.publish(type="subscription.delete", data={"id": 42})
    for event_id in (succeeded, deleted):
        hook.delivered(event_id)

    log = hook.log()
    assert [item["event_id"] for item in log] == [deleted, succeeded, retrying]
    assert [item["status"] for item in log] == ["success", "success", "retrying"]
    assert [item["event_type"] for item in log] == [
        "subscription.delete",
        "subscription.create",
        "subscription.create",
    ]
    assert [item["event_id"] for item in hook.log(status="retrying")] == [retrying]
    assert [item["event_id"] for item in hook.log(type="subscription.delete")] == [deleted]
    since = log[1]["created_at"]
    assert [item["event_id"] for item in hook.log(since=since)] == [deleted, succeeded]
    for event_id in (retrying, succeeded):
        (attempt,) = hook.delivered(event_id, _status(log, event_id))["attempts"]
        data = json.loads(attempt["request"]["body"])["data"]
        assert data == published("apiida_subscription_create")["data"]
    assert len(other.log()) == 3


def test_ap_5_a_message_is_created_retrying_cancelled_success_or_failed(tenant: Tenant) -> None:
    stalling = tenant.hook("/stall/8", timeout_seconds=30)
    retrying = tenant.hook("/status/500", retry={"initial_delay_seconds": 1, "multiplier": 3})
    cancelled = tenant.hook("/status/500", retry=SLOW)
    failed = tenant.hook("/redirect", retry={"max_attempts": 1})
    event_id = tenant.publish(published("apiida_subscription_create"))

    # While its first attempt is on the wire.
    eventually(lambda: stalling.arrivals(event_id), "the first attempt")
    assert stalling.delivered(event_id, "created")["attempts"] == []
    cancelled.delivered(event_id, "retrying", attempts=1)
    assert cancelled.act(event_id, "cancel")["status"] == "cancelled"
    once = failed.delivered(event_id, "failed")
    assert once["last_attempt"]["response"]["status"] == 302
    assert once["failure_reason"] == "its only attempt failed"
    assert stalling.delivered(event_id)["last_attempt"]["response"]["status"] == 200
    waits = planned_waits(retrying.delivered(event_id, "retrying", attempts=3))
    assert waits == sorted(waits)
    assert waits[0] < 1.5
    assert waits[2] > 8
    assert cancelled.delivered(event_id, "cancelled")["next_attempt_at"] is None


def test_ap_6_ten_days_after_it_was_created_a_message_is_undeliverable(tenant: Tenant) -> None:
    ten_days = tenant.hook("/status/500", retry=SLOW)
    # The shortest age there is, used up while the first wait is on.
    minute = tenant.hook("/status/500", retry=SLOW | {"max_age_seconds": 60})
    event_id = tenant.publish(published("apiida_subscription_create"))

    delivery = ten_days.delivered(event_id, "retrying", attempts=1)
    lives = from_iso(delivery["expires_at"]) - from_iso(delivery["created_at"])
    assert lives == timedelta(days=10)
    assert ten_days.made["retry"]["max_age_seconds"] == lives.total_seconds()
    waits = minute.delivered(event_id, "retrying", attempts=1)
    assert waits["next_attempt_at"] is None
    expired = minute.delivered(event_id, "failed", patience_seconds=600)
    assert from_iso(expired["finished_at"]) >= from_iso(expired["expires_at"])
    assert (expired["attempt_count"], expired["next_attempt_at"]) == (1, None)
    assert "time was up" in expired["failure_reason"]


def test_ap_7_retry_and_cancel_are_there_for_any_message(tenant: Tenant) -> None:
    waiting = tenant.hook("/status/500", retry=SLOW)
    succeeded = tenant.hook()
    failed = tenant.hook("/status/500", retry={"max_attempts": 1})
    event_id = tenant.publish(published("apiida_subscription_create"))
    succeeded.delivered(event_id)
    waiting.delivered(event_id, "retrying", attempts=1)
    failed.delivered(event_id, "failed")

    assert waiting.act(event_id, "cancel")["status"] == "cancelled"
    refused = tenant.api("POST", f"{succeeded.at}/deliveries/{_id(succeeded.log())}/cancel")
    assert refused.status == 409
    for hook in (waiting, failed):
        tenant.receiver.behave(hook.path, status=200)
    for hook in (waiting, failed, succeeded):
        hook.act(event_id, "retry")
        retried = hook.delivered(event_id, attempts=2)
        assert [attempt["trigger"] for attempt in retried["attempts"]] == ["schedule", "retry"]
        hook.arrives(event_id, times=2)


def test_ap_8_table_details_logs_and_message_are_there_by_api_and_readable_in_the_console(
    tenant: Tenant,
) -> None:
    hook = tenant.hook(description="to the desk")
    event_id = tenant.publish(published("apiida_subscription_create"))
    delivery = hook.delivered(event_id)

    (listed,) = tenant.api.get("/webhooks")["items"]
    details = tenant.api.get(hook.at)
    assert {name: details[name] for name in listed if name != "health"} == {
        name: value for name, value in listed.items() if name != "health"
    }
    assert details["health"]["last_success_at"] == delivery["finished_at"]
    (logged,) = hook.log()
    assert logged["id"] == delivery["id"]
    assert delivery["attempts"][0]["response"]["headers"]["Content-Type"] == "text/plain"

    table = dynamodb_of(tenant.stack)
    row = table.get_item(
        TableName="hookline-local-deliveries",
        Key={"log": {"S": f"{tenant.name}#{hook.id}#0"}, "id": {"S": delivery["id"]}},
    )["Item"]
    assert row["status"] == {"S": "success"}
    assert row["created_at"] == {"S": delivery["created_at"]}
    assert row["event_type"] == {"S": "subscription.create"}


def _id(log: list[dict[str, str]]) -> str:
    return log[0]["id"]


def _status(log: list[dict[str, str]], event_id: str) -> str:
    return next(item["status"] for item in log if item["event_id"] == event_id)
