"""Inbound messages over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.message import Call, Message, Outcome, Progress
from tests.builders import an_id
from tests.engine.clock import FakeClock
from tests.functions.api.inbound_resources import FUNCTIONS, PROVIDERS
from tests.worlds.client import Client

MESSAGES = "/inbound/messages"


def a_message(client: Client, stores: ApiStack, clock: FakeClock, **fields: Any) -> Message:
    call = Call(
        tenant=TenantId(client.tenant),
        method="POST",
        uri="git/push",
        headers={"content-type": "application/json", "x-gitlab-token": "s3cret"},
        query={"projectId": ("123",)},
        body=b'{"a":1}',
        remote_addr="192.0.2.1",
    )
    message = Message(
        id=MessageId(an_id("msg", clock())),
        call=fields.pop("call", call),
        received_at=clock(),
        **fields,
    )
    stores.new_messages.put(message)
    return message


def test_a_message_shows_everything_but_its_credentials(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    message = a_message(client, stores, clock)
    assert client("GET", f"{MESSAGES}/{message.id}").json == {
        "id": message.id,
        "received_at": client("GET", MESSAGES).json["items"][0]["received_at"],
        "method": "POST",
        "uri": "git/push",
        "query": {"projectId": ["123"]},
        "headers": {"content-type": "application/json", "x-gitlab-token": "*****"},
        "body": '{"a":1}',
        "body_is_base64": False,
        "payload": {"a": 1},
        "payload_problem": None,
        "remote_addr": "192.0.2.1",
        "provider_id": None,
        "provider_name": None,
        "status": "pending",
        "outcome": None,
        "message": "",
        "sync": False,
        "passed_over": [],
        "executions": [],
        "repeat_of": None,
        "body_truncated": False,
        "resubmit_of": None,
        "resubmitted_by": None,
    }


def test_lists_carry_no_bodies_and_filter(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    ended = {"status": Progress.FAILED, "outcome": Outcome.NO_PROVIDER}
    failed = a_message(client, stores, clock, **ended)
    pending = a_message(client, stores, clock)
    items = client("GET", MESSAGES).json["items"]
    assert [each["id"] for each in items] == [pending.id, failed.id]
    assert not {"body", "payload", "headers"} & items[0].keys()
    found = client("GET", MESSAGES, query={"status": "failed", "uri": "git/push"}).json["items"]
    assert [each["id"] for each in found] == [failed.id]
    assert client("GET", MESSAGES, query={"provider": an_id("prv")}).json["items"] == []
    found = client("GET", MESSAGES, query={"outcome": "no_provider", "uri": "git/push/"})
    assert [each["id"] for each in found.json["items"]] == [failed.id]
    nothing = client("GET", MESSAGES, query={"until": failed.received_at.isoformat()})
    assert nothing.json["items"] == []
    refused = client("GET", MESSAGES, query={"outcome": "lost", "since": "soon"})
    assert (refused.status, set(refused.fields)) == (422, {"outcome", "since"})
    assert client("GET", MESSAGES, query={"status": "lost"}).fields == ["status"]
    page = client("GET", MESSAGES, query={"limit": "1"}).json
    assert client("GET", MESSAGES, query={"limit": "1", "cursor": page["next_cursor"]}).json[
        "items"
    ] == [items[1]]
    other_list = {"cursor": page["next_cursor"], "status": "failed"}
    assert client("GET", MESSAGES, query=other_list).fields == ["cursor"]


def test_a_resubmitted_message_is_a_new_one_that_names_the_old(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    message = a_message(client, stores, clock)
    reply = client("POST", f"{MESSAGES}/{message.id}/resubmit")
    assert reply.status == 202
    assert (reply.json["resubmit_of"], reply.json["status"]) == (message.id, "pending")
    assert reply.json["resubmitted_by"] == "prn_root"
    assert client("GET", f"{MESSAGES}/{reply.json['id']}").json == reply.json


@pytest.mark.parametrize("path", [PROVIDERS, FUNCTIONS, MESSAGES])
@pytest.mark.parametrize("name", ["nonsense", "prv_01JDA0000000000000000000AA"])
def test_what_is_not_there_is_404(client: Client, path: str, name: str) -> None:
    assert client("GET", f"{path}/{name}").status == 404


def test_configuring_takes_admin_reading_messages_read_and_resubmitting_write(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    message = a_message(client, stores, clock)
    reader, writer = (client.with_key(client.a_key(level=each)) for each in ("read", "write"))
    resubmit = f"{MESSAGES}/{message.id}/resubmit"
    assert reader("GET", f"{MESSAGES}/{message.id}").status == 200
    assert reader("POST", resubmit).status == 403
    assert writer("POST", resubmit).status == 202
    for path in (PROVIDERS, FUNCTIONS):
        assert writer("POST", path, {}).status == 403
    assert writer("POST", f"{PROVIDERS}/reorder", {"ids": []}).status == 403


def test_many_messages_are_counted_and_resubmitted(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    a_message(client, stores, clock, status=Progress.FAILED, outcome=Outcome.NO_PROVIDER)
    clock.now += timedelta(seconds=5)
    dry = client("POST", f"{MESSAGES}/resubmit", {"status": "failed", "dry_run": True})
    assert (dry.status, dry.json) == (200, {"matched": 1, "rest_until": None})
    reply = client("POST", f"{MESSAGES}/resubmit", {"status": "failed"})
    assert (reply.status, reply.json["matched"]) == (202, 1)
    pending = client("GET", MESSAGES, query={"status": "pending"}).json["items"]
    assert len(pending) == 1
    assert pending[0]["resubmit_of"] is not None
    refused = client("POST", f"{MESSAGES}/resubmit", {"stauts": "failed"})
    assert (refused.status, refused.fields) == (422, ["stauts"])
