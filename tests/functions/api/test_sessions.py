"""Sessions and owner links, and who somebody is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.engine.clock import FakeClock
from tests.worlds.client import Client

LOGO = "data:image/png;base64,iVBORw0KGgo="


def a_session(client: Client, principal: str, **fields: object) -> Any:
    return client.made(f"/principals/{principal}/sessions", fields)


def test_a_session_acts_as_its_principal_with_its_rights_of_the_moment(
    client: Client, clock: FakeClock
) -> None:
    principal, _ = client.a_principal(level="read")
    owner = client.with_key(a_session(client, principal)["token"])
    assert owner("GET", "/webhooks").status == 200
    assert owner("POST", "/events", {"type": "a"}).status == 403
    client("PATCH", f"/principals/{principal}", {"level": "write"})
    assert owner("POST", "/events", {"type": "a"}).status == 202
    client("PATCH", f"/principals/{principal}", {"level": None})
    clock.advance(timedelta(seconds=60))
    assert owner("GET", "/webhooks").status == 404


def test_a_session_of_an_owner_of_one_webhook_shows_that_and_nothing_else(client: Client) -> None:
    mine, other = client.a_webhook(), client.a_webhook()
    principal, _ = client.a_principal()
    client.put(f"/webhooks/{mine['id']}/rights/{principal}", {"level": "write"})
    owner = client.with_key(a_session(client, principal)["token"])
    assert [each["id"] for each in owner("GET", "/webhooks").json["items"]] == [mine["id"]]
    assert owner("GET", f"/webhooks/{other['id']}").status == 404
    assert owner("GET", "/principals").status == 403
    assert owner.within("elsewhere")("GET", "/webhooks").status == 404


@pytest.mark.parametrize("global_admin", [False, True])
def test_a_session_makes_no_keys_and_no_sessions(client: Client, global_admin: bool) -> None:
    principal, _ = client.a_principal(level="admin", global_admin=global_admin)
    owner = client.with_key(a_session(client, principal)["token"])
    for what in ("keys", "sessions"):
        refused = owner("POST", f"/principals/{principal}/{what}", {})
        assert (refused.status, refused.json["detail"]) == (
            403,
            "A session makes no keys and no sessions.",
        )


def test_a_session_is_shown_no_key_that_was_issued_under_the_same_idempotency_key(
    client: Client,
) -> None:
    principal, key = client.a_principal(level="admin")
    once = {"Idempotency-Key": "once"}
    path = f"/principals/{principal}/keys"
    assert client.with_key(key)("POST", path, {}, headers=once).status == 201
    owner = client.with_key(a_session(client, principal)["token"])
    assert owner("POST", path, {}, headers=once).status == 403


def test_a_session_ends_at_its_time(client: Client, clock: FakeClock) -> None:
    principal, _ = client.a_principal(level="read")
    made = a_session(client, principal, expires_in_seconds=60)
    owner = client.with_key(made["token"])
    clock.advance(timedelta(seconds=59))
    assert owner("GET", "/v1/me").status == 200
    clock.advance(timedelta(seconds=1))
    assert owner("GET", "/v1/me").status == 401


def test_all_sessions_of_a_principal_end_at_once_and_new_ones_are_good(client: Client) -> None:
    principal, key = client.a_principal(level="read")
    first, second = (a_session(client, principal)["token"] for _ in range(2))
    assert client.with_key(first)("GET", "/v1/me").status == 200
    assert client("DELETE", f"/principals/{principal}/sessions").status == 204
    for ended in (first, second):
        assert client.with_key(ended)("GET", "/v1/me").status == 401
    assert client.with_key(key)("GET", "/v1/me").status == 200
    third = a_session(client, principal)["token"]
    assert client.with_key(third)("GET", "/v1/me").status == 200


def test_a_session_ends_with_its_principal(client: Client) -> None:
    principal, _ = client.a_principal(level="read")
    token = a_session(client, principal)["token"]
    client("DELETE", f"/principals/{principal}")
    assert client.with_key(token)("GET", "/v1/me").status == 401


def test_the_link_opens_the_console_where_the_caller_found_the_api(client: Client) -> None:
    principal, _ = client.a_principal()
    path = f"/principals/{principal}/sessions"
    local = {"X-Forwarded-Host": "127.0.0.1:8080", "X-Forwarded-Proto": "http"}
    found: list[tuple[dict[str, str], str]] = [
        ({}, "https://api.example/console#session=hls_"),
        (local, "http://127.0.0.1:8080/console#session=hls_"),
        ({"X-Forwarded-Host": "evil.example/#"}, "/console#session=hls_"),
    ]
    for headers, begins in found:
        assert client("POST", path, {}, headers=headers).json["url"].startswith(begins)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires_in_seconds", 59),
        ("expires_in_seconds", 604_801),
        ("name", "a\nb"),
        ("name", "x" * 81),
        ("logo", "https://example.com/logo.png"),
        ("logo", "data:text/html;base64,AAAA"),
        ("logo", "data:image/png;base64," + "A" * 4_000),
        ("colour", "red"),
        ("colour", "#2255c;"),
        ("scope", "all"),
    ],
)
def test_a_link_is_made_of_checked_parts(client: Client, field: str, value: object) -> None:
    principal, _ = client.a_principal()
    refused = client("POST", f"/principals/{principal}/sessions", {field: value})
    assert (refused.status, refused.fields) == (422, [field])


def test_me_tells_who_calls_and_what_they_may(client: Client) -> None:
    principal, key = client.a_principal(name="ada", level="write", default_webhook_level="read")
    tenant = {"id": client.tenant, "name": client.tenant}
    levels = {"level": "write", "default_webhook_level": "read"}
    expected = {
        "principal": {"id": principal, "name": "ada"},
        "via": "key",
        "global_admin": False,
        "tenants": [tenant | levels],
        "expires_at": None,
        "session": None,
    }
    assert client.with_key(key)("GET", "/v1/me").json == expected
    look = {"name": "Acme", "logo": LOGO, "colour": "#2255cc"}
    made = a_session(client, principal, **look)
    assert client.with_key(made["token"])("GET", "/v1/me").json == expected | {
        "via": "session",
        "expires_at": made["expires_at"],
        "session": look,
    }
    root = client("GET", "/v1/me").json
    assert (root["principal"], root["via"], root["global_admin"]) == (None, "root", True)
    assert client.tenant in {each["id"] for each in root["tenants"]}


def test_me_shows_a_tenant_to_whoever_has_a_right_on_one_webhook_of_it(client: Client) -> None:
    principal, key = client.a_principal()
    assert client.with_key(key)("GET", "/v1/me").json["tenants"] == []
    webhook = client.a_webhook()
    client.put(f"/webhooks/{webhook['id']}/rights/{principal}", {"level": "read"})
    (tenant,) = client.with_key(key)("GET", "/v1/me").json["tenants"]
    assert (tenant["id"], tenant["level"]) == (client.tenant, None)


def test_a_session_with_a_picture_is_made_anew_under_the_same_idempotency_key(
    client: Client,
) -> None:
    principal, _ = client.a_principal()
    path, once = f"/principals/{principal}/sessions", {"Idempotency-Key": "once"}
    look = {"logo": "data:image/png;base64," + "A" * 3_900}
    for _ in range(2):
        made = client("POST", path, look, headers=once)
        assert made.status == 201
        me = client.with_key(made.json["token"])("GET", "/v1/me").json
        assert me["session"]["logo"] == look["logo"]
