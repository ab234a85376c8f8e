"""Etlworks' rows: events of data flows out, one test a row."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.parse import parse_qs

import pytest
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook
from svix.webhooks import WebhookVerificationError as SvixVerificationError

from tests.e2e.receiver import Arrival
from tests.e2e.tenant import Tenant
from tests.published import published

EXECUTED: dict[str, Any] = published("etlworks_flow_executed")
PREFIX = "x-hookline-"
"""The stack's HeaderPrefix: with X-Etl-Webhook the names are the page's own."""


def openssl_hmac(digest: str, secret: str, body: bytes) -> str:
    """The hex HMAC of a body by openssl, the secret's text being the key."""
    command = ["openssl", "dgst", f"-{digest}", "-hmac", secret]
    printed = subprocess.run(command, input=body, capture_output=True, check=True).stdout
    return printed.decode().rsplit("= ", 1)[1].strip()


def metadata(call: Arrival) -> dict[str, str]:
    """The platform's own headers of a call."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in call.headers.items()
        if name.startswith(PREFIX)
    }


def test_et_1_administrators_build_and_manage_hooks_by_api(tenant: Tenant) -> None:
    _, admin = tenant.principal(level="admin")
    _, reader = tenant.principal(level="read")
    hook = tenant.hook(api=admin)
    assert reader("POST", "/webhooks", {"name": "x", "url": "u", "events": ["*"]}).status == 403

    version = hook.patch(description="managed by API")["version"]
    stale = admin("PATCH", hook.at, {"name": "y"}, headers={"If-Match": str(version - 1)})
    assert stale.status == 412
    event_id = tenant.publish(EXECUTED)
    hook.delivered(event_id)
    admin.delete(hook.at)
    assert admin("GET", hook.at).status == 404
    assert [item["event_id"] for item in hook.log()] == [event_id]
    assert tenant.went_to(tenant.publish(EXECUTED)) == set()


def test_et_2_post_and_get_both_carry_the_headers_and_only_post_a_body(tenant: Tenant) -> None:
    post, get = tenant.hook(), tenant.hook(method="GET")
    event_id = tenant.publish(EXECUTED)
    posted, gotten = post.arrives(event_id), get.arrives(event_id)
    assert (posted.call.method, gotten.call.method) == ("POST", "GET")
    assert posted.json["entity_id"] == "11225"
    assert gotten.call.body == ""
    assert "content-length" not in gotten.headers
    for name in ("event-id", "event", "entity-id", "entity-url"):
        assert metadata(posted)[name] == metadata(gotten)[name]
    assert get.delivered(event_id)["attempts"][0]["request"]["body"] is None


def test_et_3_five_headers_name_event_hook_and_entity(tenant: Tenant) -> None:
    hook = tenant.hook("/fail/1")
    event_id = tenant.publish(EXECUTED)
    delivery = hook.delivered(event_id)
    for number, call in enumerate(hook.arrivals(event_id), start=1):
        assert metadata(call) == {
            "event-id": event_id,
            "event": "Flow.Executed",
            "id": hook.id,
            "entity-id": "11225",
            "entity-url": "https://etl.example.com/rest/v1/flows/1?auditId=11225",
            "delivery-id": delivery["id"],
            "attempt": str(number),
        }
    assert delivery["attempt_count"] == 2


def test_et_4_the_payload_is_json_or_a_form(tenant: Tenant) -> None:
    pages_own = tenant.hook(format="etlworks")
    as_json = tenant.hook()
    as_form = tenant.hook(content_type="application/x-www-form-urlencoded")
    event_id = tenant.publish(EXECUTED)

    body = as_json.arrives(event_id)
    assert body.headers["content-type"] == "application/json"
    form = as_form.arrives(event_id)
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = {name: values for name, (values,) in parse_qs(form.call.body).items()}
    assert {
        name: json.loads(value) if name in {"actor", "entity", "data"} else value
        for name, value in fields.items()
    } == body.json | {"webhook_id": as_form.id}
    assert pages_own.arrives(event_id).json == {
        "eventId": event_id,
        "eventType": "Flow.Executed",
        "webhookId": pages_own.id,
        "entityId": 11225,
        "entity": EXECUTED["entity"],
        "entityUrl": EXECUTED["entity_url"],
        "timestamp": 1795346000207,
    }


def test_et_5_the_entity_is_sent_when_it_is_selected_and_its_id_always(tenant: Tenant) -> None:
    whole, lean = tenant.hook(), tenant.hook(include_entity=False)
    templated = tenant.hook(include_entity=False, format="etlworks")
    event_id = tenant.publish(EXECUTED)
    assert whole.arrives(event_id).json["entity"] == EXECUTED["entity"]
    assert "entity" not in lean.arrives(event_id).json
    assert lean.arrives(event_id).json["entity_id"] == "11225"
    assert "entity" not in templated.arrives(event_id).json
    assert templated.arrives(event_id).json["entityId"] == 11225
    logged = lean.delivered(event_id)["attempts"][0]["request"]["body"]
    assert "entity" not in json.loads(logged)


def test_et_6_a_hook_is_on_by_default_and_can_be_switched_off(tenant: Tenant) -> None:
    hook, control = tenant.hook(), tenant.hook()
    assert hook.made["enabled"] is True
    hook.arrives(tenant.publish(EXECUTED))
    hook.patch(enabled=False)
    while_off = tenant.publish(EXECUTED)
    assert tenant.went_to(while_off) == {control.id}
    assert tenant.api.get(hook.at)["health"]["state"] == "disabled"
    hook.patch(enabled=True)
    hook.arrives(tenant.publish(EXECUTED))
    assert hook.arrivals(while_off) == []


def test_et_7_a_hook_gets_all_events_or_those_that_were_selected(tenant: Tenant) -> None:
    everything = tenant.hook(events=["*"])
    selected = tenant.hook(events=["Flow.Executed", "Flow.Created"])
    by_prefix = tenant.hook(events=["Flow.*"])
    wanted = {
        "Flow.Executed": {everything.id, selected.id, by_prefix.id},
        "Flow.Deleted": {everything.id, by_prefix.id},
        "Invented.Later": {everything.id},
    }
    published_ids = {each: tenant.publish(EXECUTED, type=each) for each in wanted}
    for each, hooks in wanted.items():
        assert tenant.went_to(published_ids[each]) == hooks
        everything.arrives(published_ids[each])
    assert {item["event_type"] for item in selected.log()} == {"Flow.Executed"}
    shown = tenant.api.post("/events/dry-run", EXECUTED | {"type": "Flow.Deleted"})["items"]
    assert {item["webhook_id"] for item in shown if item["matched"]} == wanted["Flow.Deleted"]


def test_et_8_a_body_is_signed_with_the_secret_by_hmac_sha1_and_by_better_schemes(
    tenant: Tenant,
) -> None:
    schemes = ["standard", "hmac-sha256", "hmac-sha1"]
    hook = tenant.hook(signatures=schemes)
    bodiless = tenant.hook(signatures=schemes, method="GET")
    event_id = tenant.publish(EXECUTED)
    call = hook.arrives(event_id)
    assert metadata(call)["signature"] == openssl_hmac("sha1", hook.secret, call.raw)
    assert metadata(call)["signature-256"] == openssl_hmac("sha256", hook.secret, call.raw)
    StandardWebhook(hook.secret).verify(call.raw, call.headers)
    SvixWebhook(hook.secret).verify(call.raw, call.headers)
    assert not {"signature", "signature-256"} & set(metadata(bodiless.arrives(event_id)))

    rotated = tenant.api.post(f"{hook.at}/secret/rotate", {"overlap_seconds": 60})["secret"]
    overlapping = hook.arrives(tenant.publish(EXECUTED))
    for secret in (rotated, hook.secret):
        StandardWebhook(secret).verify(overlapping.raw, overlapping.headers)
        SvixWebhook(secret).verify(overlapping.raw, overlapping.headers)
    # A receiver that knows one secret has the previous one until it is told the new one.
    for name, digest in (("signature", "sha1"), ("signature-256", "sha256")):
        assert metadata(overlapping)[name] == openssl_hmac(digest, hook.secret, overlapping.raw)
    with pytest.raises(WebhookVerificationError):
        StandardWebhook(rotated).verify(overlapping.raw + b" ", overlapping.headers)
    with pytest.raises(SvixVerificationError):
        SvixWebhook(rotated).verify(call.raw, call.headers)


def test_et_9_basic_auth_sends_user_name_and_password(tenant: Tenant) -> None:
    auth = {"type": "basic", "username": "Aladdin", "password": "open sesame"}
    hook = tenant.hook(auth=auth)
    event_id = tenant.publish(EXECUTED)
    # The example of RFC 7617, section 2.
    expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert hook.arrives(event_id).headers["authorization"] == expected
    sent = hook.delivered(event_id)["attempts"][0]["request"]["headers"]
    assert "QWxhZGRpbj" not in json.dumps(sent)
    both = tenant.api("PATCH", hook.at, {"headers": {"Authorization": "Bearer x"}})
    assert both.status == 422


def test_et_10_any_number_of_headers_can_be_added(tenant: Tenant) -> None:
    headers = {f"X-Custom-{number}": f"value {number}" for number in range(60)}
    hook = tenant.hook(headers=headers)
    event_id = tenant.publish(EXECUTED)
    arrived = hook.arrives(event_id).headers
    assert {name: arrived[name.lower()] for name in headers} == headers
    logged = hook.delivered(event_id)["attempts"][0]["request"]["headers"]
    assert headers.items() <= logged.items()
    for owned in ("Host", "Content-Length", "webhook-id", f"{PREFIX}signature"):
        refused = tenant.api("PATCH", hook.at, {"headers": {owned: "x"}})
        assert (refused.status, refused.fields) == (422, {f"headers.{owned}"})


def test_et_11_the_last_100_deliveries_are_there_with_request_and_response(
    tenant: Tenant,
) -> None:
    hook = tenant.hook()
    tenant.receiver.behave(hook.path, status=201, body="made", headers={"X-Trace": "t1"})
    first = tenant.publish(EXECUTED)
    hook.arrives(first)
    events = [EXECUTED | {"data": {"number": number}} for number in range(100)]
    accepted = tenant.api.post("/events/batch", {"events": events})["items"]
    for item in accepted:
        hook.arrives(item["id"])

    page = tenant.api.get(f"{hook.at}/deliveries", limit=100)
    ids = [item["event_id"] for item in page["items"]]
    assert set(ids) == {item["id"] for item in accepted}
    rest = tenant.api.get(f"{hook.at}/deliveries", limit=100, cursor=page["next_cursor"])
    assert [item["event_id"] for item in rest["items"]] == [first]

    call = hook.arrives(ids[0])
    (attempt,) = hook.delivered(ids[0])["attempts"]
    sent = {name.lower(): value for name, value in attempt["request"]["headers"].items()}
    assert sent["webhook-signature"] == "*****", "whoever reads the log could send it again"
    for name in ("webhook-id", "webhook-timestamp", "content-type", "user-agent"):
        assert sent[name] == call.headers[name]
    assert attempt["request"]["body"] == call.call.body
    assert attempt["response"]["status"] == 201
    assert attempt["response"]["headers"]["X-Trace"] == "t1"
    assert attempt["response"]["body"] == "made"
