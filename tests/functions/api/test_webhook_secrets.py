"""A webhook's secrets over HTTP: shown once, rotated, never set or read by who may not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.worlds.client import Client


def test_a_new_webhook_shows_its_secret_this_once(client: Client) -> None:
    reply = client(
        "POST", "/webhooks", {"name": "n", "url": "https://example.com", "events": ["*"]}
    )
    made = reply.json
    assert reply.status == 201
    assert re.fullmatch(r"wh_[0-9A-Z]{26}", made["id"])
    assert made["secret"].startswith("whsec_")
    assert reply.headers["Location"] == f"/v1/tenants/{client.tenant}/webhooks/{made['id']}"
    read = client("GET", f"/webhooks/{made['id']}")
    assert read.status == 200
    assert read.json == made | {"secret": "*****"}


def test_a_rotation_keeps_both_secrets_for_the_overlap(client: Client) -> None:
    made = client.a_webhook()
    path = f"/webhooks/{made['id']}/secret"
    rotated = client("POST", f"{path}/rotate", {"overlap_seconds": 3600})
    assert rotated.status == 200
    assert rotated.json["secret"] != made["secret"]
    assert client("GET", path).json == {
        "secret": rotated.json["secret"],
        "previous_secret": made["secret"],
        "previous_expires_at": rotated.json["previous_expires_at"],
    }
    at_once = client("POST", f"{path}/rotate", {"overlap_seconds": 0, "secret": made["secret"]})
    assert at_once.json == {"secret": made["secret"], "previous_expires_at": None}
    assert client("GET", path).json == {"secret": made["secret"]}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"overlap_seconds": 604_801}, ["overlap_seconds"]),
        ({"overlap_seconds": "3600"}, ["overlap_seconds"]),
        ({"secret": "weak"}, ["secret"]),
        ({"colour": 1}, ["colour"]),
        ({"secret": "weak", "overlap_seconds": -1}, ["secret", "overlap_seconds"]),
    ],
)
def test_a_rotation_against_the_rules_is_refused_with_all_that_is_wrong(
    client: Client, body: dict[str, Any], fields: list[str]
) -> None:
    reply = client("POST", f"/webhooks/{client.a_webhook()['id']}/secret/rotate", body)
    assert (reply.status, reply.fields) == (422, fields)


def test_a_secret_cannot_be_removed(client: Client) -> None:
    reply = client("PATCH", f"/webhooks/{client.a_webhook()['id']}", {"secret": None})
    assert (reply.status, reply.fields) == (422, ["secret"])


def test_a_writer_may_neither_read_nor_set_a_secret_nor_widen_a_scope(client: Client) -> None:
    made = client.a_webhook(scope={"projects": ["a"]})
    writer = client.with_key(client.a_key(level="write"))
    path = f"/webhooks/{made['id']}"
    assert writer("PATCH", path, {"description": "mine"}).status == 200
    assert writer("GET", f"{path}/secret").status == 403
    assert writer("POST", f"{path}/secret/rotate", {}).status == 403
    assert writer("PATCH", path, {"secret": "whsec_" + "B" * 32}).status == 403
    assert writer("PATCH", path, {"scope": None}).status == 403
    assert writer("DELETE", path).status == 403
