"""Cursors: opaque, tamper-proof, and of use only for the list they came from."""

from __future__ import annotations

import pytest

from hookline.errors import Rejected
from hookline_api.http.app import Api
from hookline_api.http.paging import Cursors
from tests.worlds.client import Client

CURSORS = Cursors(b"k" * 32)


def test_a_cursor_leads_back_to_its_position() -> None:
    cursor = CURSORS.seal("wh_1", "acme", "/webhooks")
    assert CURSORS.open(cursor, "acme", "/webhooks") == "wh_1"
    assert CURSORS.seal(None, "acme") is None
    assert CURSORS.open(None, "acme") is None


@pytest.mark.parametrize(
    "belongs_to",
    [
        ("other", "/webhooks"),
        ("acme", "/events"),
        ("acme",),
        ("acme/webhooks",),
        ("acme", "/webhooks", ""),
    ],
)
def test_a_cursor_of_another_list_is_refused(belongs_to: tuple[str, ...]) -> None:
    cursor = CURSORS.seal("wh_1", "acme", "/webhooks")
    with pytest.raises(Rejected):
        CURSORS.open(cursor, *belongs_to)


def test_no_character_of_a_cursor_can_be_changed() -> None:
    cursor = CURSORS.seal("wh_01JDA0000000000000000000AA", "acme", "/webhooks") or ""
    for index, character in enumerate(cursor):
        forged = cursor[:index] + ("A" if character != "A" else "B") + cursor[index + 1 :]
        try:
            assert CURSORS.open(forged, "acme", "/webhooks") == CURSORS.open(
                cursor, "acme", "/webhooks"
            ), "only the unused bits of the last character may differ"
            assert index == len(cursor) - 1
        except Rejected:
            continue


@pytest.mark.parametrize("cursor", ["", "A", "nonsense", "é", "A" * 2048, "=", "{}", "a b"])
def test_what_was_never_a_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Rejected):
        CURSORS.open(cursor, "acme")


def test_a_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(Rejected):
        Cursors(b"other").open(CURSORS.seal("wh_1", "acme"), "acme")


def test_a_cursor_works_in_no_other_tenant_list_or_query(client: Client, api: Api) -> None:
    for _ in range(3):
        client.a_webhook()
    cursor = client("GET", "/webhooks", query={"limit": "1"}).json["next_cursor"]
    other = Client(api, f"{client.tenant}-2")
    assert other("POST", "/v1/tenants", {"id": other.tenant}).status == 201
    assert client("GET", "/webhooks", query={"cursor": cursor}).status == 200
    for refused in (
        other("GET", "/webhooks", query={"cursor": cursor}),
        client("GET", "/events", query={"cursor": cursor}),
        client("GET", "/webhooks", query={"cursor": cursor[:-2] + "AA"}),
    ):
        assert (refused.status, refused.fields) == (422, ["cursor"])
