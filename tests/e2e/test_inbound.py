"""Third parties' calls through the deployed system: in by /in, out by an endpoint's webhook."""

from __future__ import annotations

import json
import time

import pytest
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook

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

    arrival = hook.arrives(headers["X-GitHub-Delivery"])
    sent = Webhook(hook.secret).verify(arrival.call.body, arrival.headers)
    assert (sent["type"], sent["entity_id"], sent["data"]) == ("git.push", "123", json.loads(PUSH))
    # The same delivery once more is another message, and the same event.
    again = ended(tenant, call(tenant, "git/push?projectId=123", headers))
    assert again["executions"][0]["message"].endswith(" again")
    hook.arrives(headers["X-GitHub-Delivery"])


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


def test_slacks_challenge_is_answered_and_its_signature_is_good_once(tenant: Tenant) -> None:
    provider(tenant, verify={"type": "slack", "secret": SECRET})
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": timestamp}
    answer = call(tenant, "slack", headers, body.encode())
    assert (answer.status, answer.body) == (200, "3eZbrw1aB")
    again = call(tenant, "slack", headers, body.encode())
    assert again.status == 202
    assert "seen before" in ended(tenant, again)["passed_over"][0]["reason"]


def test_an_unknown_tenant_and_too_large_a_body_get_their_answers(tenant: Tenant) -> None:
    nobody = tenant.api.with_key(None)("POST", "/in/nobody-at-all/x", data=b"{}")
    assert (nobody.status, nobody.body["status"]) == (202, "pending")
    assert call(tenant, "x", data=b"x" * 262_145).status == 413


def test_a_resubmitted_message_runs_again_and_names_the_old_one(tenant: Tenant) -> None:
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
