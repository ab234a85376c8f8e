"""Inbound functions over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import an_id
from tests.engine.clock import FakeClock
from tests.functions.api.inbound_resources import ARN, FUNCTIONS, a_function, a_provider
from tests.worlds.client import Client


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
        ({"action": {"type": "forward", "webhook_id": ""}}, "action.webhook_id"),
        ({"action": {"type": "forward"}}, "action.webhook_id"),
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


def test_a_whole_function_can_be_edited_and_sent_back(client: Client) -> None:
    created = a_function(client, a_provider(client))
    one = f"{FUNCTIONS}/{created['id']}"
    reply = client("PATCH", one, created | {"name": "other"})
    assert reply.status == 200, reply.text
    changed = {"name": "other", "version": 2, "updated_at": reply.json["updated_at"]}
    assert reply.json == created | changed
    assert client("PATCH", one, {"tenant": "globex"}).fields == ["tenant"]


def test_a_functions_provider_never_changes_and_its_action_may(client: Client) -> None:
    function = a_function(client, a_provider(client))
    one = f"{FUNCTIONS}/{function['id']}"
    other = a_provider(client, name="other")["id"]
    assert client("PATCH", one, {"provider_id": other}).fields == ["provider_id"]
    action = {"type": "forward", "webhook_id": client.a_webhook()["id"]}
    reply = client("PATCH", one, {"action": action}, headers={"if-match": "1"})
    assert (reply.status, reply.json["action"], reply.json["version"]) == (200, action, 2)
