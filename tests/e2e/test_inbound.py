"""Third parties' calls through the deployed system: in by /in, out by an endpoint's webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook

from tests.e2e.api import Reply
from tests.e2e.tenant import Tenant
from tests.e2e.waiting import eventually

SECRET = "It's a Secret to Everybody"
PUSH = json.dumps({"ref": "refs/heads/main", "repository": {"full_name": "acme/web"}}).encode()


def provider(tenant: Tenant, verify: Mapping[str, object], match: str = "`true`") -> str:
    document = {"name": str(verify["type"]), "match": {"expression": match}, "verify": verify}
    return str(tenant.api.post("/inbound/providers", document)["id"])


def function(tenant: Tenant, of: str, action: Mapping[str, object], uri: str = "git/push") -> None:
    document = {"name": f"{action['type']} {uri}", "provider_id": of, "uri": uri, "action": action}
    tenant.api.post("/inbound/functions", document)


def call(tenant: Tenant, uri: str, data: bytes, headers: Mapping[str, str] | None = None) -> Reply:
    path = f"/in/{tenant.name}/{uri}"
    return tenant.api.with_key(None)("POST", path, data=data, headers=headers)


def message(tenant: Tenant, reply: Reply, status: str) -> dict[str, Any]:
    """The message once it has this status."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = tenant.api.get(f"/inbound/messages/{reply.body['id']}")
        return found if found["status"] == status else None

    found = eventually(look, f"message {reply.body['id']} as {status}")
    assert found is not None
    return found


def by_github(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def test_a_github_push_becomes_an_event_and_reaches_a_webhook_signed(tenant: Tenant) -> None:
    hook = tenant.hook(events=["git.*"])
    github = provider(tenant, {"type": "github", "secret": SECRET})
    event = {
        "type": "'git.push'",
        "id": "message.delivery_id",
        "entity_id": "message.query.projectId[0]",
        "data": "message.payload",
    }
    function(tenant, github, {"type": "publish", "event": event})
    reply = call(tenant, "git/push?projectId=123", PUSH, by_github(PUSH))
    assert reply.status == 202
    done = message(tenant, reply, "success")
    assert done["query"] == {"projectId": ["123"]}
    assert [run["status"] for run in done["executions"]] == ["success"]
    arrival = hook.arrives("72d3162e-cc78-11e3-81ab-4c9367dc0958")
    sent = Webhook(hook.secret).verify(arrival.call.body, arrival.headers)
    assert (sent["type"], sent["entity_id"], sent["data"]) == ("git.push", "123", json.loads(PUSH))


def test_a_forged_push_is_passed_over_and_says_why(tenant: Tenant) -> None:
    github = provider(tenant, {"type": "github", "secret": SECRET})
    reply = call(tenant, "git/push", PUSH, by_github(PUSH, "guessed"))
    assert reply.status == 202
    failed = message(tenant, reply, "failed")
    assert failed["outcome"] == "no_provider"
    assert failed["passed_over"] == [
        {"provider_id": github, "reason": "not verified: the signature does not match"}
    ]


def test_a_forwarded_body_arrives_byte_for_byte(tenant: Tenant) -> None:
    hook = tenant.hook(events=["unrelated"])
    anybody = provider(tenant, {"type": "none"})
    function(tenant, anybody, {"type": "forward", "webhook_id": hook.id}, "files")
    body = "größer\r\n".encode()
    reply = call(tenant, "files", body, {"Content-Type": "text/plain; charset=utf-8"})
    done = message(tenant, reply, "success")
    event_id = done["executions"][0]["message"].removeprefix("forwarded as ")
    arrival = hook.arrives(event_id)
    assert arrival.call.body == body.decode()
    assert arrival.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_synchronous_call_is_answered_404_200_or_500(tenant: Tenant) -> None:
    sync = {"flex-sync-webhook": "true"}
    assert call(tenant, "git/push", PUSH, sync).status == 404
    anybody = provider(tenant, {"type": "none"})
    assert call(tenant, "git/push", PUSH, sync).status == 404
    function(tenant, anybody, {"type": "publish", "event": {"type": "'git.push'"}})
    assert call(tenant, "git/push", PUSH, sync).status == 200
    function(tenant, anybody, {"type": "publish", "event": {"type": "message.nothing"}})
    failed = call(tenant, "git/push", PUSH, sync)
    assert (failed.status, failed.body["status"]) == (500, "failed")


def test_slacks_challenge_is_answered_and_its_signature_is_good_once(tenant: Tenant) -> None:
    provider(tenant, {"type": "slack", "secret": SECRET})
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": timestamp}
    answer = call(tenant, "slack", body.encode(), headers)
    assert (answer.status, answer.body) == (200, "3eZbrw1aB")
    again = call(tenant, "slack", body.encode(), headers)
    assert again.status == 202
    assert "seen before" in message(tenant, again, "failed")["passed_over"][0]["reason"]


def test_an_unknown_tenant_and_too_large_a_body_get_their_answers(tenant: Tenant) -> None:
    nobody = tenant.api.with_key(None)("POST", "/in/nobody-at-all/x", data=b"{}")
    assert (nobody.status, nobody.body["status"]) == (202, "pending")
    assert call(tenant, "x", b"x" * 262_145).status == 413


def test_a_resubmitted_message_runs_again_and_names_the_old_one(tenant: Tenant) -> None:
    reply = call(tenant, "git/push", b"\xff\x00", {"Content-Type": "application/octet-stream"})
    failed = message(tenant, reply, "failed")
    assert (failed["body"], failed["body_is_base64"]) == ("/wA=", True)
    anybody = provider(tenant, {"type": "none"})
    function(tenant, anybody, {"type": "publish", "event": {"type": "'git.push'"}})
    again = tenant.api("POST", f"/inbound/messages/{failed['id']}/resubmit")
    assert again.status == 202
    done = message(tenant, again, "success")
    assert (done["resubmit_of"], done["resubmitted_by"]) == (failed["id"], "prn_root")
