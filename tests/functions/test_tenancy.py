"""Rights acted out through the API: IZ-9, lists that hide, and walls between tenants."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.contract.tables import table_name
from tests.functions.api_world import ApiWorld

A_WEBHOOK = {
    "name": "of a writer",
    "url": "https://example.com/hook",
    "events": ["flow.*"],
    "scope": {"projects": ["p"]},
}


@pytest.fixture(scope="module")
def api() -> Iterator[ApiWorld]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        world = ApiWorld(publish_quota_per_second="2")
        for tenant in ("acme", "globex", "quiet"):
            world.made("/v1/tenants", {"id": tenant})
        yield world


def test_read_sees_write_edits_admin_deletes_and_manages_rights(api: ApiWorld) -> None:
    webhook = api.webhook("acme")
    path = f"/v1/tenants/acme/webhooks/{webhook}"
    keys = {}
    for level in ("read", "write", "admin"):
        principal_id, keys[level] = api.principal("acme")
        given = api.call("PUT", f"{path}/rights/{principal_id}", {"level": level}, key=api.root_key)
        assert given.status == 204
    edit = {"description": "edited"}
    assert [api.call("GET", path, key=key).status for key in keys.values()] == [200, 200, 200]
    assert [api.call("PATCH", path, edit, key=key).status for key in keys.values()] == [
        403,
        200,
        200,
    ]
    rights = [api.call("GET", f"{path}/rights", key=key).status for key in keys.values()]
    assert rights == [403, 403, 200]
    assert [api.call("DELETE", path, key=key).status for key in keys.values()] == [403, 403, 204]


def test_whoever_creates_a_webhook_is_its_admin_at_once(api: ApiWorld) -> None:
    creator, key = api.principal("acme", level="write", default_webhook_level="read")
    made = api.call("POST", "/v1/tenants/acme/webhooks", A_WEBHOOK, key=key)
    assert made.status == 201
    path = f"/v1/tenants/acme/webhooks/{made.body['id']}"
    assert api.call("GET", f"{path}/rights/{creator}", key=key).body == {
        "principal_id": creator,
        "name": "someone",
        "level": "admin",
        "via": "webhook",
    }
    assert api.call("GET", f"{path}/secret", key=key).status == 200
    assert api.call("DELETE", path, key=key).status == 204


def test_an_edit_to_a_global_scope_takes_what_creating_one_takes(api: ApiWorld) -> None:
    _, key = api.principal("acme", level="write")
    made = api.made("/v1/tenants/acme/webhooks", A_WEBHOOK | {"name": "narrow"}, key)
    path = f"/v1/tenants/acme/webhooks/{made['id']}"
    scopes: tuple[object, ...] = (None, {}, {"projects": []}, {"projects": None})
    for scope in scopes:
        assert api.call("PATCH", path, {"scope": scope}, key=key).status in (
            {200} if scope == {} else {403}
        )
    wide = A_WEBHOOK | {"name": "wide", "scope": {"environments": ["prod"]}}
    assert api.call("POST", "/v1/tenants/acme/webhooks", wide, key=key).status == 403
    assert api.call("GET", path, key=key).body["scope"]["projects"] == ["p"]


def test_a_list_pages_through_all_that_is_visible_and_nothing_else(api: ApiWorld) -> None:
    principal_id, key = api.principal("quiet")
    webhooks = [api.webhook("quiet") for _ in range(23)]
    mine = webhooks[::4]
    for webhook in mine:
        api.call(
            "PUT",
            f"/v1/tenants/quiet/webhooks/{webhook}/rights/{principal_id}",
            {"level": "read"},
            key=api.root_key,
        )
    for limit in (1, 2, 5, 100):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            page = api.call("GET", "/v1/tenants/quiet/webhooks", key=key, query=query)
            assert page.status == 200
            assert len(page.body["items"]) <= limit
            found += [item["id"] for item in page.body["items"]]
            cursor = page.body["next_cursor"]
        assert found == sorted(mine, reverse=True)


def test_a_cursor_of_another_tenant_answers_as_nonsense_does(api: ApiWorld) -> None:
    for _ in range(2):
        api.webhook("globex")
    theirs = api.call("GET", "/v1/tenants/globex/webhooks", key=api.root_key, query="limit=1")
    cursor = theirs.body["next_cursor"]
    assert cursor is not None
    answers = [
        api.call("GET", "/v1/tenants/acme/webhooks", key=api.root_key, query=f"cursor={each}")
        for each in (cursor, "nonsense", cursor[:-2])
    ]
    assert [answer.status for answer in answers] == [422, 422, 422]
    assert len({answer.without_request_id() for answer in answers}) == 1


def test_an_idempotency_key_is_its_callers_own(api: ApiWorld) -> None:
    headers = {"idempotency-key": "the-same"}
    bodies = []
    for tenant in ("acme", "globex"):
        _, key = api.principal(tenant, level="admin")
        body = {"name": "made once"}
        path = f"/v1/tenants/{tenant}/principals"
        first = api.call("POST", path, body, key=key, headers=headers)
        again = api.call("POST", path, body, key=key, headers=headers)
        assert first.status == again.status == 201
        assert first.body == again.body
        bodies.append(first.body)
    assert bodies[0]["id"] != bodies[1]["id"]
    assert [body["tenant"] for body in bodies] == ["acme", "globex"]


def test_a_key_is_shown_to_a_repeated_request_again_and_stored_nowhere(api: ApiWorld) -> None:
    principal_id, _ = api.principal("acme", level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    headers = {"idempotency-key": "one-key-please"}
    first = api.call("POST", path, key=api.root_key, headers=headers)
    again = api.call("POST", path, key=api.root_key, headers=headers)
    assert first.body == again.body
    secret = first.body["key"].rpartition("_")[2]
    dynamodb = boto3.client("dynamodb")
    for table in ("principals", "idempotency"):
        stored = json.dumps(dynamodb.scan(TableName=table_name(table))["Items"])
        assert first.body["id"] in stored or table == "idempotency"
        assert secret not in stored


def test_keys_are_listed_without_their_text(api: ApiWorld) -> None:
    principal_id, key = api.principal("acme", level="admin")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    listed = api.call("GET", path, key=key)
    (only,) = listed.body["items"]
    assert set(only) == {"id", "created_at", "expires_at", "last_used_at"}
    assert key not in listed.text
    assert api.call("GET", f"{path}/{only['id']}", key=key).body == only


def test_a_third_key_is_a_conflict(api: ApiWorld) -> None:
    principal_id, _ = api.principal("acme", level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    assert api.call("POST", path, key=api.root_key).status == 201
    assert api.call("POST", path, key=api.root_key).status == 409


def test_publishing_beyond_the_quota_is_refused_until_later(api: ApiWorld) -> None:
    _, key = api.principal("globex", level="write")
    replies = [
        api.call("POST", "/v1/tenants/globex/events", {"type": "a.b"}, key=key) for _ in range(21)
    ]
    assert [reply.status for reply in replies] == [202] * 20 + [429]
    seconds = int(replies[-1].headers["Retry-After"])
    assert 1 <= seconds <= 10
    other = api.call("POST", "/v1/tenants/acme/events", {"type": "a.b"}, key=api.root_key)
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
    api: ApiWorld, path: str, body: object, field: str
) -> None:
    reply = api.call("POST", path, body, key=api.root_key)
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == [field]


@pytest.mark.parametrize("expires_at", ["yesterday", "2020-01-01T00:00:00Z", 5, ""])
def test_a_key_does_not_expire_at_what_is_no_future_date(api: ApiWorld, expires_at: object) -> None:
    principal_id, _ = api.principal("acme", level="read")
    path = f"/v1/tenants/acme/principals/{principal_id}/keys"
    reply = api.call("POST", path, {"expires_at": expires_at}, key=api.root_key)
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == ["expires_at"]


def test_null_takes_a_level_away_and_what_is_not_named_stays(api: ApiWorld) -> None:
    principal_id, _ = api.principal("acme", level="read", default_webhook_level="write")
    path = f"/v1/tenants/acme/principals/{principal_id}"
    changed = api.call("PATCH", path, {"level": None}, key=api.root_key).body
    assert (changed["level"], changed["default_webhook_level"]) == (None, "write")
    assert api.call("PATCH", path, {"name": None}, key=api.root_key).status == 422
