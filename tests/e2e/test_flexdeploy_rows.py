"""FlexDeploy's rows: third parties' calls in, one test a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hookline.domain.times import from_iso
from tests.e2e.aws import dynamodb_of
from tests.e2e.inbound import (
    FAILS,
    FROM_GITHUB,
    GITHUB,
    PUSH,
    by_github,
    call,
    ended,
    function,
    provider,
)
from tests.e2e.tenant import Tenant
from tests.e2e.waiting import eventually


def ran(message: Mapping[str, Any]) -> set[str]:
    """The functions that ran for a message."""
    return {execution["function_id"] for execution in message["executions"]}


def test_fd_1_a_provider_has_sequence_active_name_description_match_and_properties(
    tenant: Tenant,
) -> None:
    fields = {
        "description": "our repositories",
        "active": True,
        "verify": GITHUB,
        "properties": {"project": "website", "token": "t0ken"},
    }
    first, second = provider(tenant, FROM_GITHUB, **fields), provider(tenant)
    stored = tenant.api.get(f"/inbound/providers/{first}")
    assert (stored["sequence"], stored["name"]) == (1, FROM_GITHUB)
    assert stored["match"] == {"expression": FROM_GITHUB}
    assert stored["verify"] == {"type": "github", "secret": "*****"}
    assert (stored["description"], stored["active"]) == ("our repositories", True)
    assert stored["properties"]["project"] == "website"
    event = {"type": "'git.push'", "project": "properties.project", "data": "properties.token"}
    function(tenant, first, "git/push", {"type": "publish", "event": event})
    hook = tenant.hook()
    call(tenant, "git/push", by_github(PUSH))
    (arrival,) = eventually(hook.arrivals, "the published event")
    assert (arrival.json["project"], arrival.json["data"]) == ("website", "t0ken")

    tenant.api.post("/inbound/providers/reorder", {"ids": [second, first]})
    assert ended(tenant, call(tenant, "git/push", by_github(PUSH)))["provider_id"] == second
    tenant.api.patch(f"/inbound/providers/{second}", {"active": False})
    after = ended(tenant, call(tenant, "git/push", by_github(PUSH)))
    assert after["provider_id"] == first
    assert [passed["provider_id"] for passed in after["passed_over"]] == [second]


def test_fd_2_the_first_provider_that_matches_and_verifies_wins(tenant: Tenant) -> None:
    jira = provider(tenant, 'headers."x-jira"')
    github = provider(tenant, FROM_GITHUB, verify=GITHUB)
    slack = provider(tenant)
    for each in (jira, github, slack):
        function(tenant, each, "git/push")

    signed = ended(tenant, call(tenant, "git/push", by_github(PUSH)))
    assert (signed["provider_id"], signed["status"]) == (github, "success")
    assert [passed["provider_id"] for passed in signed["passed_over"]] == [jira]
    assert len(signed["executions"]) == 1
    # One space more than was signed: the check is over the pristine bytes, not over their meaning.
    tampered = ended(tenant, call(tenant, "git/push", by_github(PUSH), PUSH + b" "))
    assert tampered["provider_id"] == slack
    assert [passed["provider_id"] for passed in tampered["passed_over"]] == [jira, github]
    assert "signature" in tampered["passed_over"][1]["reason"]


def test_fd_3_a_match_sees_id_payload_headers_query_and_address(tenant: Tenant) -> None:
    seen = (
        "method == 'POST' && path == 'git/push' && payload.ref == 'refs/heads/main'"
        " && headers.\"x-team\" == 'web' && query.projectId[0] == '123'"
        " && remote_addr && starts_with(message_id, 'msg_')"
    )
    asked = provider(tenant, seen)
    everything = {
        name: f"message.{name}"
        for name in ("payload", "headers", "query", "remote_addr", "message_id", "body")
    }
    published = {"type": "'seen'", "data": everything}
    function(tenant, asked, "git/push", {"type": "publish", "event": published})
    hook = tenant.hook()
    message = ended(tenant, call(tenant, "git/push?projectId=123", {"X-Team": "web"}))
    assert message["provider_id"] == asked

    (arrival,) = eventually(hook.arrivals, "the published event")
    data = arrival.json["data"]
    assert data["payload"] == json.loads(PUSH)
    assert data["body"] == PUSH.decode()
    assert data["headers"]["x-team"] == "web"
    assert data["query"] == {"projectId": ["123"]}
    assert data["message_id"] == message["id"]
    assert data["remote_addr"] == message["remote_addr"]


def test_fd_4_functions_run_when_provider_and_uri_match_and_the_query_does_not_count(
    tenant: Tenant,
) -> None:
    github, other = provider(tenant, FROM_GITHUB), provider(tenant)
    pushes = [function(tenant, github, "git/push", description=f"number {n}") for n in range(2)]
    function(tenant, github, "stream/create")
    function(tenant, other, "git/push")
    inactive = function(tenant, github, "git/push", active=False)

    message = ended(tenant, call(tenant, "git/push?projectId=123", by_github(PUSH)))
    assert ran(message) == set(pushes)
    assert message["query"] == {"projectId": ["123"]}
    moved = tenant.api("PATCH", f"/inbound/functions/{inactive}", {"provider_id": other})
    assert (moved.status, moved.fields) == (422, {"provider_id"})
    tenant.api.patch(f"/inbound/functions/{inactive}", {"active": True})
    again = ended(tenant, call(tenant, "git/push", by_github(PUSH)))
    assert ran(again) == {*pushes, inactive}


def test_fd_5_a_call_is_accepted_with_202_and_worked_on_afterwards(tenant: Tenant) -> None:
    function(tenant, provider(tenant), "git/push")
    hook = tenant.hook()
    reply = call(tenant, "git/push")
    assert (reply.status, reply.body["status"]) == (202, "pending")
    message = ended(tenant, reply)
    assert (message["status"], message["sync"]) == ("success", False)
    (execution,) = message["executions"]
    assert execution["started_at"] >= message["received_at"]
    eventually(hook.arrivals, "the published event")


def test_fd_6_a_synchronous_call_is_answered_404_200_or_500(tenant: Tenant) -> None:
    flex, own = {"flex-sync-webhook": "true"}, {"X-Hookline-Sync": "true"}
    assert call(tenant, "git/push", flex).status == 404
    anybody = provider(tenant)
    assert call(tenant, "git/push", own).status == 404
    function(tenant, anybody, "git/push")
    for sync in (flex, own):
        done = call(tenant, "git/push", sync)
        assert (done.status, done.body["status"]) == (200, "success")
    function(tenant, anybody, "git/push", FAILS)
    failed = call(tenant, "git/push", flex)
    assert (failed.status, failed.body["status"]) == (500, "failed")
    message = tenant.api.get(f"/inbound/messages/{failed.body['id']}")
    assert {execution["status"] for execution in message["executions"]} == {"success", "failed"}
    assert call(tenant, "git/push", {"flex-sync-webhook": "false"}).status == 202


def test_fd_7_every_message_is_kept_with_its_outcome_and_each_functions_result(
    tenant: Tenant,
) -> None:
    provider(tenant, "`false`")
    nobody = ended(tenant, call(tenant, "git/push"))
    anybody = provider(tenant)
    no_function = ended(tenant, call(tenant, "git/push"))
    works, fails = function(tenant, anybody, "both"), function(tenant, anybody, "both", FAILS)
    both = ended(tenant, call(tenant, "both?a=1&a=2", {"X-Team": "web"}))

    assert [each["outcome"] for each in (nobody, no_function, both)] == [
        "no_provider",
        "no_function",
        "matched",
    ]
    results = {each["function_id"]: each for each in both["executions"]}
    assert (results[works]["status"], results[fails]["status"]) == ("success", "failed")
    assert results[works]["message"].startswith("published ")
    assert "type" in results[fails]["message"]
    assert (both["status"], both["method"], both["uri"]) == ("failed", "POST", "both")
    assert (both["headers"]["x-team"], both["query"]) == ("web", {"a": ["1", "2"]})
    assert (both["body"], both["payload"]) == (PUSH.decode(), json.loads(PUSH))

    listed = tenant.api.get("/inbound/messages")["items"]
    assert [item["id"] for item in listed] == [both["id"], no_function["id"], nobody["id"]]
    only = tenant.api.get("/inbound/messages", uri="both", status="failed", provider=anybody)
    assert [item["id"] for item in only["items"]] == [both["id"]]
    row = dynamodb_of(tenant.stack).get_item(
        TableName="hookline-local-inbound-messages",
        Key={"tenant": {"S": tenant.name}, "id": {"S": both["id"]}},
    )["Item"]
    kept = int(row["ttl"]["N"]) - from_iso(both["received_at"]).timestamp()
    assert abs(kept - timedelta(days=7).total_seconds()) < 60


def test_fd_8_a_stored_message_can_be_run_again(tenant: Tenant) -> None:
    github = provider(tenant, FROM_GITHUB, verify=GITHUB)
    first = ended(tenant, call(tenant, "git/push", by_github(PUSH)))
    assert first["outcome"] == "no_function"
    hook, added = tenant.hook(), function(tenant, github, "git/push")
    writer_id, writer = tenant.principal(level="write")
    _, reader = tenant.principal(level="read")
    path = f"/inbound/messages/{first['id']}"
    assert reader("GET", path).status == 200
    assert reader("POST", f"{path}/resubmit").status == 403

    again = writer("POST", f"{path}/resubmit")
    assert again.status == 202
    done = ended(tenant, again)
    assert (done["status"], ran(done)) == ("success", {added})
    assert (done["resubmit_of"], done["resubmitted_by"]) == (first["id"], writer_id)
    assert done["body"] == first["body"]
    (arrival,) = eventually(hook.arrivals, "the published event")
    assert arrival.json["data"] == json.loads(PUSH)


def test_fd_9_any_path_can_be_a_uri(tenant: Tenant) -> None:
    uris = ["git/push", "something/random", "a", "v1/x.y-z_~/0/1/2/3/4/5", "Größe/ß"]
    anybody = provider(tenant)
    functions = {uri: function(tenant, anybody, uri) for uri in uris}
    for uri, expected in functions.items():
        message = ended(tenant, call(tenant, uri))
        assert (message["uri"], ran(message)) == (uri, {expected})
    assert ended(tenant, call(tenant, "git/push/more"))["outcome"] == "no_function"
