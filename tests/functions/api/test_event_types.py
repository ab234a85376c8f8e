"""The catalogue of event types over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.client import Client

SCHEMA = {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "integer"}}}
ENTRY: dict[str, Any] = {
    "description": "A flow ran",
    "example": {"rows": 3},
    "schema": SCHEMA,
    "archived": False,
}


def test_an_entry_is_written_and_read(client: Client) -> None:
    reply = client("PUT", "/event-types/flow.executed", ENTRY)
    assert reply.status == 200
    assert reply.json == ENTRY | {
        "type": "flow.executed",
        "updated_at": "2026-11-22T12:00:00.123Z",
    }
    assert client("GET", "/event-types/flow.executed").json == reply.json


def test_the_list_has_no_schemas_and_goes_on_in_the_order_of_names(client: Client) -> None:
    for name in ("c", "a", "b"):
        client("PUT", f"/event-types/{name}", ENTRY)
    first = client("GET", "/event-types", query={"limit": "2"}).json
    rest = client("GET", "/event-types", query={"cursor": first["next_cursor"]}).json
    assert [item["type"] for item in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert first["items"][0] == {
        "type": "a",
        "description": "A flow ran",
        "archived": False,
        "has_schema": True,
        "updated_at": "2026-11-22T12:00:00.123Z",
    }


def test_a_patch_merges(client: Client) -> None:
    client("PUT", "/event-types/flow.executed", ENTRY)
    reply = client("PATCH", "/event-types/flow.executed", {"archived": True, "schema": None})
    assert reply.json["archived"] is True
    assert reply.json["schema"] is None
    assert reply.json["description"] == "A flow ran"
    assert client("PATCH", "/event-types/unheard", {}).status == 404


def test_a_whole_entry_can_be_edited_and_sent_back(client: Client) -> None:
    entry = client("PUT", "/event-types/flow.executed", ENTRY).json
    reply = client("PATCH", "/event-types/flow.executed", entry | {"archived": True})
    assert (reply.status, reply.json) == (200, entry | {"archived": True})
    refused = client("PATCH", "/event-types/flow.executed", {"type": "another"})
    assert (refused.status, refused.fields) == (422, ["type"])


def test_a_deleted_entry_checks_nothing_any_more(client: Client) -> None:
    client("PUT", "/event-types/flow.executed", ENTRY)
    event = {"type": "flow.executed", "data": {}}
    assert client("POST", "/events", event).status == 422
    assert client("DELETE", "/event-types/flow.executed").status == 204
    assert client("POST", "/events", event).status == 202
    assert client("DELETE", "/event-types/flow.executed").status == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("hookline.made.up", {}, "type"),
        ("bad type", {}, "type"),
        ("a", {"description": 7}, "description"),
        ("a", {"schema": {"type": "nonsense"}}, "schema.type"),
        ("a", {"schema": SCHEMA, "example": {"rows": "x"}}, "example.rows"),
        ("a", {"archived": "no"}, "archived"),
        ("a", {"colour": 1}, "colour"),
    ],
)
def test_an_entry_against_the_rules_names_the_field(
    client: Client, path: str, body: dict[str, Any], field: str
) -> None:
    reply = client("PUT", f"/event-types/{path}", body)
    assert (reply.status, reply.fields) == (422, [field])


def test_catalogues_are_their_tenants_own(client: Client, api: Any) -> None:
    client("PUT", "/event-types/flow.executed", ENTRY)
    other = Client(api, f"{client.tenant}-2")
    other("POST", "/v1/tenants", {"id": other.tenant})
    assert other("GET", "/event-types").json["items"] == []
    assert other("POST", "/events", {"type": "flow.executed", "data": {}}).status == 202


def test_a_reader_reads_and_a_writer_writes(client: Client) -> None:
    reader = client.with_key(client.a_key(level="read"))
    writer = client.with_key(client.a_key(level="write"))
    assert reader("PUT", "/event-types/a", {}).status == 403
    assert writer("PUT", "/event-types/a", {}).status == 200
    assert reader("GET", "/event-types/a").status == 200
    assert writer("DELETE", "/event-types/a").status == 403


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("DELETE", None)])
def test_what_cannot_be_a_type_is_not_found(
    client: Client, method: str, body: dict[str, Any] | None
) -> None:
    assert client(method, f"/event-types/{'x' * 2100}", body).status == 404
