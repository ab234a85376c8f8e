"""Inbound providers, functions and messages over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.message import Call, Message, Outcome, Progress
from hookline_api.stores import Stores
from tests.builders import an_id
from tests.engine.clock import FakeClock
from tests.functions.api.client import Client

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:not-allowed"
PROVIDERS, FUNCTIONS, MESSAGES = "/inbound/providers", "/inbound/functions", "/inbound/messages"


def a_provider(client: Client, **fields: object) -> Any:
    document = {
        "name": "GitHub",
        "match": {"expression": 'headers."x-github-event"'},
        "verify": {"type": "github", "secret": "s3cret"},
    }
    reply = client("POST", PROVIDERS, document | fields)
    assert reply.status == 201, reply.text
    return reply.json


def a_function(client: Client, provider: Any, **fields: object) -> Any:
    document = {
        "name": "publish",
        "provider_id": provider["id"],
        "uri": "/git/push/",
        "action": {"type": "publish", "event": {"type": "'git.push'", "data": "message.payload"}},
    }
    reply = client("POST", FUNCTIONS, document | fields)
    assert reply.status == 201, reply.text
    return reply.json


def a_message(client: Client, stores: Stores, clock: FakeClock, **fields: Any) -> Message:
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
    stores.inbound.messages.put(message)
    return message


# -- providers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verify", "shown"),
    [
        ({"type": "stripe", "secret": "s3cret"}, {}),
        ({"type": "standard-webhooks", "secret": "whsec_czNjcmV0"}, {}),
        (
            {
                "type": "hmac",
                "secret": "s3cret",
                "algorithm": "sha512",
                "header": "X-Sig",
                "encoding": "hex",
            },
            {"header": "x-sig", "prefix": "", "signed_content": "{body}"},
        ),
        (
            {
                "type": "hmac",
                "secret": "s3cret",
                "algorithm": "sha1",
                "header": "X-Sig",
                "prefix": "v1=",
                "encoding": "base64",
                "signed_content": "{timestamp:X-At}\n{body}",
            },
            {"header": "x-sig", "tolerance_seconds": 300},
        ),
        ({"type": "token", "header": "X-Gate", "token": "s3cret"}, {"header": "x-gate"}),
        ({"type": "token", "query": "gate", "token": "s3cret"}, {}),
        ({"type": "basic", "username": "u", "password": "s3cret"}, {}),
        ({"type": "none"}, {}),
    ],
)
def test_each_verification_reads_back_without_its_secret(
    client: Client, verify: dict[str, object], shown: dict[str, object]
) -> None:
    created = a_provider(client, verify=verify)
    masked = {
        name: "*****" if name in ("secret", "token", "password") else value
        for name, value in verify.items()
    }
    assert created["verify"] == masked | shown
    assert client("GET", f"{PROVIDERS}/{created['id']}").json == created


def test_all_broken_rules_of_a_provider_are_named_at_once(client: Client) -> None:
    reply = client(
        "POST",
        PROVIDERS,
        {
            "name": "",
            "active": "yes",
            "match": {"expression": "headers.[", "function_arn": ARN},
            "verify": {
                "type": "hmac",
                "algorithm": "md5",
                "header": "a b",
                "encoding": "hex",
                "signed_content": "{timestamp}",
                "secret": "*****",
                "tolerance_seconds": 0,
                "extra": 1,
            },
            "properties": [],
            "sequence": 1,
        },
    )
    assert reply.status == 422
    assert set(reply.fields) == {
        "name",
        "active",
        "match.expression",
        "match.function_arn",
        "verify.algorithm",
        "verify.header",
        "verify.signed_content",
        "verify.secret",
        "verify.tolerance_seconds",
        "verify.extra",
        "properties",
        "sequence",
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"match": {"function_arn": ARN}}, "match.function_arn"),
        ({"match": {"function_arn": "mine"}}, "match.function_arn"),
        ({"match": {}}, "match.expression"),
        ({"match": None}, "match"),
        ({"verify": None}, "verify"),
        ({"verify": {}}, "verify.type"),
        ({"verify": {"type": "none", "secret": "x"}}, "verify.secret"),
        ({"verify": {"type": "github"}}, "verify.secret"),
        ({"verify": {"type": "standard-webhooks", "secret": "plain"}}, "verify.secret"),
        ({"verify": {"type": "basic", "username": "a:b", "password": "p"}}, "verify.username"),
        ({"verify": {"type": "token", "token": "x"}}, "verify.header"),
        (
            {"verify": {"type": "token", "token": "x", "header": "a", "query": "b"}},
            "verify.header",
        ),
        ({"properties": {"token": "*****"}}, "properties.token"),
        ({"properties": {"token": "x" * 4_000}}, "properties"),
        ({"properties": {"plain": "x" * 17_000}}, "properties"),
    ],
)
def test_a_provider_that_breaks_a_rule_is_refused_by_name(
    client: Client, fields: dict[str, object], field: str
) -> None:
    document = {
        "name": "x",
        "match": {"expression": "@"},
        "verify": {"type": "none"},
    }
    reply = client("POST", PROVIDERS, document | fields)
    assert (reply.status, field in reply.fields) == (422, True), reply.text


def test_properties_that_sound_secret_are_masked_and_kept_under_their_mask(client: Client) -> None:
    given = {"project": 7, "api_key": "k", "nested": {"deep": [{"password": "p"}]}, "key": None}
    created = a_provider(client, properties=given)
    shown = {"project": 7, "api_key": "*****", "nested": "*****", "key": "*****"}
    assert created["properties"] == shown
    one = f"{PROVIDERS}/{created['id']}"
    patched = client("PATCH", one, {"properties": {"api_key": "*****", "project": 8}})
    assert patched.status == 200
    assert patched.json["properties"] == shown | {"project": 8}
    refused = client("PATCH", one, {"properties": {"new_token": "*****"}})
    assert refused.fields == ["properties.new_token"]


def test_a_patch_changes_what_it_names_and_guards_by_version(client: Client) -> None:
    created = a_provider(client)
    one = f"{PROVIDERS}/{created['id']}"
    reply = client("PATCH", one, {"active": False}, headers={"if-match": '"1"'})
    assert (reply.status, reply.headers["ETag"]) == (200, '"2"')
    changed = {"active": False, "version": 2, "updated_at": reply.json["updated_at"]}
    assert reply.json == created | changed
    assert client("PATCH", one, {"active": True}, headers={"if-match": '"1"'}).status == 412
    assert client("DELETE", one, headers={"if-match": '"1"'}).status == 412
    other = client("PATCH", one, {"verify": {"type": "none"}, "match": {"expression": "`true`"}})
    assert (other.json["verify"], other.json["match"]) == (
        {"type": "none"},
        {"expression": "`true`"},
    )


def test_providers_are_listed_in_sequence_and_reordered_at_once(client: Client) -> None:
    first, second, third = (a_provider(client, name=name)["id"] for name in "abc")
    wanted = [third, first, second]
    reply = client("POST", f"{PROVIDERS}/reorder", {"ids": wanted})
    assert reply.status == 200
    assert [(each["id"], each["sequence"]) for each in reply.json["items"]] == [
        (third, 1),
        (first, 2),
        (second, 3),
    ]
    page = client("GET", PROVIDERS, query={"limit": "2"})
    rest = client("GET", PROVIDERS, query={"limit": "2", "cursor": page.json["next_cursor"]})
    assert [each["id"] for each in page.json["items"] + rest.json["items"]] == wanted
    assert rest.json["next_cursor"] is None
    for ids in ([third, first], [*wanted, first], [third, first, first], "x", [1, 2, 3]):
        assert client("POST", f"{PROVIDERS}/reorder", {"ids": ids}).fields == ["ids"]


def test_a_provider_goes_only_after_its_functions(client: Client) -> None:
    provider = a_provider(client)
    function = a_function(client, provider)
    one = f"{PROVIDERS}/{provider['id']}"
    refused = client("DELETE", one)
    assert (refused.status, "publish" in refused.json["detail"]) == (409, True)
    assert client("DELETE", f"{FUNCTIONS}/{function['id']}").status == 204
    assert client("DELETE", one).status == 204
    assert client("GET", one).status == 404
    assert client("DELETE", one).status == 404
    assert client("GET", PROVIDERS).json["items"] == []


# -- functions -------------------------------------------------------------------------------------


def test_a_function_reads_back_with_its_uri_bare_of_slashes(client: Client) -> None:
    created = a_function(client, a_provider(client))
    assert created["uri"] == "git/push"
    assert client("GET", f"{FUNCTIONS}/{created['id']}").json == created
    assert client("GET", FUNCTIONS).json == {"items": [created], "next_cursor": None}


def test_functions_page_newest_first(client: Client, clock: FakeClock) -> None:
    provider = a_provider(client)
    made = []
    for _ in range(3):
        made.append(a_function(client, provider)["id"])
        clock.advance(timedelta(seconds=1))
    page = client("GET", FUNCTIONS, query={"limit": "2"})
    rest = client("GET", FUNCTIONS, query={"limit": "2", "cursor": page.json["next_cursor"]})
    assert [each["id"] for each in page.json["items"] + rest.json["items"]] == made[::-1]


def test_all_broken_rules_of_a_function_are_named_at_once(client: Client) -> None:
    reply = client(
        "POST",
        FUNCTIONS,
        {
            "uri": "git/push?x=1",
            "provider_id": an_id("prv"),
            "action": {
                "type": "publish",
                "event": {"data": {"a": "b.[", "c": 5}, "webhook": "@"},
            },
            "enabled": True,
        },
    )
    assert reply.status == 422
    assert set(reply.fields) == {
        "name",
        "uri",
        "provider_id",
        "action.event.type",
        "action.event.data.a",
        "action.event.data.c",
        "action.event.webhook",
        "enabled",
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"uri": "///"}, "uri"),
        ({"action": {"type": "invoke", "function_arn": ARN}}, "action.function_arn"),
        ({"action": {"type": "forward", "webhook_id": an_id("wh")}}, "action.webhook_id"),
        ({"action": {"type": "email"}}, "action.type"),
        ({"action": None}, "action"),
        ({"action": {"type": "publish", "event": {"type": "x", "data": []}}}, "action.event.data"),
    ],
)
def test_a_function_that_breaks_a_rule_is_refused_by_name(
    client: Client, fields: dict[str, object], field: str
) -> None:
    document = {
        "name": "x",
        "uri": "x",
        "provider_id": a_provider(client)["id"],
        "action": {"type": "publish", "event": {"type": "'x'"}},
    }
    reply = client("POST", FUNCTIONS, document | fields)
    assert (reply.status, reply.fields) == (422, [field]), reply.text


def test_a_functions_provider_never_changes_and_its_action_may(client: Client) -> None:
    function = a_function(client, a_provider(client))
    one = f"{FUNCTIONS}/{function['id']}"
    other = a_provider(client, name="other")["id"]
    assert client("PATCH", one, {"provider_id": other}).fields == ["provider_id"]
    action = {"type": "forward", "webhook_id": client.a_webhook()["id"]}
    reply = client("PATCH", one, {"action": action}, headers={"if-match": "1"})
    assert (reply.status, reply.json["action"], reply.json["version"]) == (200, action, 2)


# -- messages --------------------------------------------------------------------------------------


def test_a_message_shows_everything_but_its_credentials(
    client: Client, stores: Stores, clock: FakeClock
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
        "remote_addr": "192.0.2.1",
        "provider_id": None,
        "provider_name": None,
        "status": "pending",
        "outcome": None,
        "message": "",
        "sync": False,
        "passed_over": [],
        "executions": [],
        "resubmit_of": None,
        "resubmitted_by": None,
    }


def test_lists_carry_no_bodies_and_filter(client: Client, stores: Stores, clock: FakeClock) -> None:
    ended = {"status": Progress.FAILED, "outcome": Outcome.NO_PROVIDER}
    failed = a_message(client, stores, clock, **ended)
    pending = a_message(client, stores, clock)
    items = client("GET", MESSAGES).json["items"]
    assert [each["id"] for each in items] == [pending.id, failed.id]
    assert not {"body", "payload", "headers"} & items[0].keys()
    found = client("GET", MESSAGES, query={"status": "failed", "uri": "git/push"}).json["items"]
    assert [each["id"] for each in found] == [failed.id]
    assert client("GET", MESSAGES, query={"provider": an_id("prv")}).json["items"] == []
    assert client("GET", MESSAGES, query={"status": "lost"}).fields == ["status"]
    page = client("GET", MESSAGES, query={"limit": "1"}).json
    assert client("GET", MESSAGES, query={"limit": "1", "cursor": page["next_cursor"]}).json[
        "items"
    ] == [items[1]]
    other_list = {"cursor": page["next_cursor"], "status": "failed"}
    assert client("GET", MESSAGES, query=other_list).fields == ["cursor"]


def test_a_resubmitted_message_is_a_new_one_that_names_the_old(
    client: Client, stores: Stores, clock: FakeClock
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
    client: Client, stores: Stores, clock: FakeClock
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
