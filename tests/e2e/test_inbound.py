"""Third parties' calls through the deployed system: in by /in, out by an endpoint's webhook."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook

from hookline.domain.inbound.message import MAX_BODY_BYTES
from tests.e2e import octokit
from tests.e2e.inbound import (
    FAILS,
    GITHUB,
    PUSH,
    SECRET,
    by_github,
    call,
    ended,
    function,
    provider,
)
from tests.e2e.tenant import Tenant

SYNC = {"X-Hookline-Sync": "true"}


@pytest.mark.skipif(octokit.MISSING is not None, reason=octokit.MISSING or "")
def test_a_push_signed_by_octokit_becomes_an_event_and_reaches_a_webhook_signed(
    tenant: Tenant,
) -> None:
    hook = tenant.hook(events=["git.*"])
    event = {
        "type": "'git.push'",
        "id": "message.delivery_id",
        "entity_id": "message.query.projectId[0]",
        "data": "message.payload",
    }
    github = provider(tenant, verify=GITHUB)
    function(tenant, github, "git/push", {"type": "publish", "event": event})
    headers = by_github(PUSH, octokit.sign(SECRET, PUSH))
    reply = call(tenant, "git/push?projectId=123", headers)
    assert reply.status == 202
    done = ended(tenant, reply)
    assert (done["status"], done["query"]) == ("success", {"projectId": ["123"]})
    assert [run["status"] for run in done["executions"]] == ["success"]

    published = _published(done)
    assert published.startswith(headers["X-GitHub-Delivery"])
    arrival = hook.arrives(published)
    sent = Webhook(hook.secret).verify(arrival.call.body, arrival.headers)
    assert (sent["type"], sent["entity_id"], sent["data"]) == ("git.push", "123", json.loads(PUSH))
    # The same delivery once more is another message, and the same event.
    again = ended(tenant, call(tenant, "git/push?projectId=123", headers))
    assert again["executions"][0]["message"].endswith(" again")
    assert _published(again).removesuffix(" again") == published
    hook.arrives(published)


@pytest.mark.skipif(octokit.MISSING is not None, reason=octokit.MISSING or "")
def test_a_push_that_octokit_did_not_sign_like_this_is_passed_over_and_says_why(
    tenant: Tenant,
) -> None:
    github = provider(tenant, verify=GITHUB)
    signature = octokit.sign(SECRET, PUSH)
    for headers, body in (
        (by_github(PUSH, signature), PUSH.replace(b"main", b"mail")),
        (by_github(PUSH, octokit.sign("It's a secret to Everybody", PUSH)), PUSH),
    ):
        reply = call(tenant, "git/push", headers, body)
        assert reply.status == 202
        failed = ended(tenant, reply)
        assert (failed["status"], failed["outcome"]) == ("failed", "no_provider")
        assert failed["passed_over"] == [
            {"provider_id": github, "reason": "not verified: the signature does not match"}
        ]


def test_a_forwarded_body_arrives_byte_for_byte(tenant: Tenant) -> None:
    hook = tenant.hook(events=["unrelated"])
    function(tenant, provider(tenant), "files", {"type": "forward", "webhook_id": hook.id})
    body = "größer\r\n".encode()
    reply = call(tenant, "files", {"Content-Type": "text/plain; charset=utf-8"}, body)
    done = ended(tenant, reply)
    event_id = done["executions"][0]["message"].removeprefix("forwarded as ")
    arrival = hook.arrives(event_id)
    assert arrival.call.body == body.decode()
    assert arrival.headers["content-type"] == "text/plain; charset=utf-8"
    at_once = call(tenant, "files", SYNC, body)
    assert (at_once.status, at_once.body["status"]) == (200, "success")


def test_a_synchronous_call_is_answered_404_200_or_500(tenant: Tenant) -> None:
    sync = {"flex-sync-webhook": "true"}
    assert call(tenant, "git/push", sync).status == 404
    anybody = provider(tenant)
    assert call(tenant, "git/push", sync).status == 404
    function(tenant, anybody, "git/push")
    assert call(tenant, "git/push", sync).status == 200
    function(tenant, anybody, "git/push", FAILS)
    failed = call(tenant, "git/push", sync)
    assert (failed.status, failed.body["status"]) == (500, "failed")


def test_slacks_challenge_is_answered_and_a_signature_is_good_for_one_event(tenant: Tenant) -> None:
    slack = provider(tenant, verify={"type": "slack", "secret": SECRET})
    function(tenant, slack, "slack")
    asked = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    challenge = _by_slack(asked)
    for _ in range(2):  # a challenge runs nothing, so Slack may ask it again
        answer = call(tenant, "slack", challenge, asked.encode())
        assert (answer.status, answer.body) == (200, "3eZbrw1aB")
    mention = json.dumps({"type": "event_callback", "event": {"type": "app_mention"}})
    headers = _by_slack(mention)
    first, again = (call(tenant, "slack", headers, mention.encode()) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    reasons = [
        each["reason"] for reply in (first, again) for each in ended(tenant, reply)["passed_over"]
    ]
    assert len(reasons) == 1
    assert "seen before" in reasons[0]
    waited_for = mention + " "
    signed = _by_slack(waited_for) | SYNC
    at_once = [call(tenant, "slack", signed, waited_for.encode()).status for _ in range(2)]
    assert at_once == [200, 404]


def test_an_unknown_tenant_and_too_large_a_body_get_their_answers(tenant: Tenant) -> None:
    nobody = tenant.api.with_key(None)("POST", "/in/nobody-at-all/x", data=b"{}")
    assert (nobody.status, nobody.body["id"]) == (202, None)
    assert call(tenant, "x", data=b"x" * (MAX_BODY_BYTES + 1)).status == 413


def test_a_large_body_is_worked_on_at_once_and_later_and_when_it_is_resubmitted(
    tenant: Tenant,
) -> None:
    event = {"type": "'file.came'", "data": {"name": "message.payload.name"}}
    function(tenant, provider(tenant), "files", {"type": "publish", "event": event})
    body = json.dumps({"name": "one", "content": "x" * 300_000}).encode()
    at_once = call(tenant, "files", SYNC, body)
    assert (at_once.status, at_once.body["status"]) == (200, "success")
    later = ended(tenant, call(tenant, "files", data=body))
    again = ended(tenant, tenant.api("POST", f"/inbound/messages/{later['id']}/resubmit"))
    assert (later["status"], again["status"]) == ("success", "success")
    assert again["body"] == later["body"]
    assert body.decode().startswith(later["body"])


def test_a_resubmitted_message_runs_again_and_names_the_old_one(tenant: Tenant) -> None:
    nobody = call(tenant, "git/push")
    assert (nobody.status, nobody.body["id"]) == (202, None)
    assert tenant.api.get("/inbound/messages")["items"] == []
    provider(tenant, "`false`")
    reply = call(tenant, "git/push", {"Content-Type": "application/octet-stream"}, b"\xff\x00")
    failed = ended(tenant, reply)
    assert failed["status"] == "failed"
    assert (failed["body"], failed["body_is_base64"]) == ("/wA=", True)
    function(tenant, provider(tenant), "git/push")
    again = tenant.api("POST", f"/inbound/messages/{failed['id']}/resubmit")
    assert again.status == 202
    done = ended(tenant, again)
    assert done["status"] == "success"
    assert (done["resubmit_of"], done["resubmitted_by"]) == (failed["id"], "prn_root")


def _by_slack(body: str) -> dict[str, str]:
    """What Slack's own library signs a body with."""
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": timestamp}


def _published(message: dict[str, Any]) -> str:
    """The event that its only function says it published."""
    (run,) = message["executions"]
    return str(run["message"]).removeprefix("published ")
