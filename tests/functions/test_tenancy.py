"""Rights acted out through the API: IZ-9, lists that hide, and walls between tenants."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest

from tests.worlds.client import Client
from tests.worlds.resources import table_name
from tests.worlds.stack import a_stack

SCOPE = {"projects": ["p"]}
A_WEBHOOK = {
    "name": "of a writer",
    "url": "https://example.com/hook",
    "events": ["flow.*"],
    "scope": SCOPE,
}


@pytest.fixture(scope="module")
def api() -> Iterator[Client]:
    with a_stack(PublishQuotaPerSecond="2", WebhooksPerTenant="60") as stack:
        for tenant in ("globex", "quiet", "capped"):
            stack.client(tenant)
        yield stack.client("acme")


def test_read_sees_write_edits_admin_deletes_and_manages_rights(api: Client) -> None:
    webhook = api.within("acme").a_webhook(scope=SCOPE)["id"]
    path = f"/v1/tenants/acme/webhooks/{webhook}"
    keys = {}
    for level in ("read", "write", "admin"):
        principal_id, keys[level] = api.within("acme").a_principal()
        given = api("PUT", f"{path}/rights/{principal_id}", {"level": level})
        assert given.status == 204
    edit = {"description": "edited"}
    assert [api.with_key(key)("GET", path).status for key in keys.values()] == [200, 200, 200]
    assert [api.with_key(key)("PATCH", path, edit).status for key in keys.values()] == [
        403,
        200,
        200,
    ]
    rights = [api.with_key(key)("GET", f"{path}/rights").status for key in keys.values()]
    assert rights == [403, 403, 200]
    assert [api.with_key(key)("DELETE", path).status for key in keys.values()] == [403, 403, 204]


def test_whoever_creates_a_webhook_is_its_admin_at_once(api: Client) -> None:
    creator, key = api.within("acme").a_principal(level="write", default_webhook_level="read")
    made = api.with_key(key)("POST", "/v1/tenants/acme/webhooks", A_WEBHOOK)
    assert made.status == 201
    path = f"/v1/tenants/acme/webhooks/{made.json['id']}"
    assert api.with_key(key)("GET", f"{path}/rights/{creator}").json == {
        "principal_id": creator,
        "name": "somebody",
        "level": "admin",
        "via": "webhook",
    }
    assert api.with_key(key)("GET", f"{path}/secret").status == 200
    assert api.with_key(key)("DELETE", path).status == 204


def test_an_edit_to_a_global_scope_takes_what_creating_one_takes(api: Client) -> None:
    _, key = api.within("acme").a_principal(level="write")
    made = api.with_key(key).made("/webhooks", A_WEBHOOK | {"name": "narrow"})
    path = f"/v1/tenants/acme/webhooks/{made['id']}"
    scopes: tuple[object, ...] = (None, {}, {"projects": []}, {"projects": None})
    for scope in scopes:
        assert api.with_key(key)("PATCH", path, {"scope": scope}).status in (
            {200} if scope == {} else {403}
        )
    wide = A_WEBHOOK | {"name": "wide", "scope": {"environments": ["prod"]}}
    assert api.with_key(key)("POST", "/v1/tenants/acme/webhooks", wide).status == 403
    assert api.with_key(key)("GET", path).json["scope"]["projects"] == ["p"]


def test_a_list_pages_through_all_that_is_visible_and_nothing_else(api: Client) -> None:
    principal_id, key = api.within("quiet").a_principal()
    webhooks = [api.within("quiet").a_webhook(scope=SCOPE)["id"] for _ in range(23)]
    mine = webhooks[::4]
    for webhook in mine:
        api("PUT", f"/v1/tenants/quiet/webhooks/{webhook}/rights/{principal_id}", {"level": "read"})
    for limit in (1, 2, 5, 100):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
            page = api.with_key(key)("GET", "/v1/tenants/quiet/webhooks", query=query)
            assert page.status == 200
            assert len(page.json["items"]) <= limit
            found += [item["id"] for item in page.json["items"]]
            cursor = page.json["next_cursor"]
        assert found == sorted(mine, reverse=True)


def test_a_cursor_of_another_tenant_answers_as_nonsense_does(api: Client) -> None:
    for _ in range(2):
        api.within("globex").a_webhook(scope=SCOPE)["id"]
    theirs = api("GET", "/v1/tenants/globex/webhooks", query={"limit": "1"})
    cursor = theirs.json["next_cursor"]
    assert cursor is not None
    answers = [
        api("GET", "/v1/tenants/acme/webhooks", query={"cursor": each})
        for each in (cursor, "nonsense", cursor[:-2])
    ]
    assert [answer.status for answer in answers] == [422, 422, 422]
    assert len({answer.without_request_id() for answer in answers}) == 1


def test_an_idempotency_key_is_its_callers_own(api: Client) -> None:
    headers = {"idempotency-key": "the-same"}
    bodies = []
    for tenant in ("acme", "globex"):
        _, key = api.within(tenant).a_principal(level="admin")
        body = {"name": "made once"}
        path = f"/v1/tenants/{tenant}/principals"
        first = api.with_key(key)("POST", path, body, headers=headers)
        again = api.with_key(key)("POST", path, body, headers=headers)
        assert first.status == again.status == 201
        assert first.json == again.json
        bodies.append(first.json)
    assert bodies[0]["id"] != bodies[1]["id"]
    assert [body["tenant"] for body in bodies] == ["acme", "globex"]


def test_a_key_is_shown_to_a_repeated_request_again_and_stored_nowhere(api: Client) -> None:
    principal_id, _ = api.within("acme").a_principal(level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    headers = {"idempotency-key": "one-key-please"}
    first = api("POST", path, headers=headers)
    again = api("POST", path, headers=headers)
    assert first.json == again.json
    secret = first.json["key"].rpartition("_")[2]
    dynamodb = boto3.client("dynamodb")
    for table in ("principals", "idempotency"):
        stored = json.dumps(dynamodb.scan(TableName=table_name(table))["Items"])
        assert first.json["id"] in stored or table == "idempotency"
        assert secret not in stored


def test_keys_are_listed_without_their_text(api: Client) -> None:
    principal_id, key = api.within("acme").a_principal(level="admin")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    listed = api.with_key(key)("GET", path)
    (only,) = listed.json["items"]
    assert set(only) == {"id", "created_at", "expires_at", "last_used_at"}
    assert key not in listed.text
    assert api.with_key(key)("GET", f"{path}/{only['id']}").json == only


def test_a_third_key_is_a_conflict(api: Client) -> None:
    principal_id, _ = api.within("acme").a_principal(level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    assert api("POST", path).status == 201
    assert api("POST", path).status == 409


def test_a_name_that_is_taken_reads_the_same_whoever_asks_and_tells_nothing_of_whose_it_is(
    api: Client,
) -> None:
    tenant = api.within("acme")
    hidden = tenant.a_webhook(name="payroll", url="https://payroll.example/hook")
    mine = tenant.a_webhook(name="mine of two")["id"]
    owner, key = tenant.a_principal()
    given = tenant("PUT", f"/webhooks/{mine}/rights/{owner}", {"level": "admin"})
    assert given.status == 204
    stranger = tenant.with_key(key)
    assert stranger("GET", f"/webhooks/{hidden['id']}").status == 404
    rename = {"name": "payroll"}
    told = [each("PATCH", f"/webhooks/{mine}", rename) for each in (stranger, tenant)]
    assert [reply.status for reply in told] == [409, 409]
    to_stranger, to_admin = (
        {name: value for name, value in reply.json.items() if name != "request_id"}
        for reply in told
    )
    assert to_stranger == to_admin
    assert (to_stranger["code"], "payroll.example" in told[0].text) == ("name_taken", False)
    assert hidden["id"] not in told[0].text


def test_a_tenant_has_as_many_webhooks_as_the_stack_lets_it(api: Client) -> None:
    tenant = api.within("capped")
    assert tenant("GET", "/stats").json["limits"] == {"webhooks": 60, "events_per_second": 2}
    made = [tenant.a_webhook(name=f"number {number}")["id"] for number in range(60)]
    refused = tenant("POST", "/webhooks", A_WEBHOOK)
    assert (refused.status, refused.json["code"]) == (409, "limit_reached")
    assert "60 webhooks" in refused.json["detail"]
    assert tenant("DELETE", f"/webhooks/{made[0]}").status == 204
    assert tenant("POST", "/webhooks", A_WEBHOOK).status == 201


def test_publishing_beyond_the_quota_is_refused_until_later(api: Client) -> None:
    _, key = api.within("globex").a_principal(level="write")
    replies = [
        api.with_key(key)("POST", "/v1/tenants/globex/events", {"type": "a.b"}) for _ in range(21)
    ]
    assert [reply.status for reply in replies] == [202] * 20 + [429]
    seconds = int(replies[-1].headers["Retry-After"])
    assert 1 <= seconds <= 10
    other = api("POST", "/v1/tenants/acme/events", {"type": "a.b"})
    assert other.status == 202


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/tenants", {"id": "Upper"}, "id"),
        ("/v1/tenants", {}, "id"),
        ("/v1/tenants/acme/principals", {"name": "x", "level": "owner"}, "level"),
        ("/v1/tenants/acme/principals", {"name": ""}, "name"),
        ("/v1/tenants/acme/principals", {"level": "read"}, "name"),
        ("/v1/tenants/acme/principals", {"name": "x", "admin": True}, "admin"),
        ("/v1/tenants/acme/principals", {"name": "x", "global_admin": "yes"}, "global_admin"),
    ],
)
def test_a_body_against_the_rules_is_refused_by_the_name_of_its_field(
    api: Client, path: str, body: object, field: str
) -> None:
    reply = api("POST", path, body)
    assert reply.status == 422
    assert [error["field"] for error in reply.json["errors"]] == [field]


@pytest.mark.parametrize("expires_at", ["yesterday", "2020-01-01T00:00:00Z", 5, ""])
def test_a_key_does_not_expire_at_what_is_no_future_date(api: Client, expires_at: object) -> None:
    principal_id, _ = api.within("acme").a_principal(level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    reply = api("POST", path, {"expires_at": expires_at})
    assert reply.status == 422
    assert [error["field"] for error in reply.json["errors"]] == ["expires_at"]


def test_null_takes_a_level_away_and_what_is_not_named_stays(api: Client) -> None:
    principal_id, _ = api.within("acme").a_principal(level="read", default_webhook_level="write")
    path = f"/v1/tenants/acme/principals/{principal_id}"
    changed = api("PATCH", path, {"level": None}).json
    assert (changed["level"], changed["default_webhook_level"]) == (None, "write")
    assert api("PATCH", path, {"name": None}).status == 422
