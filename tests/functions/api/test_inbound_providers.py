"""Inbound providers over HTTP."""

from __future__ import annotations

import pytest

from tests.functions.api.inbound_resources import ARN, FUNCTIONS, PROVIDERS, a_function, a_provider
from tests.worlds.client import Client


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


HMAC = {"type": "hmac", "algorithm": "sha256", "header": "x-signature", "encoding": "hex"}


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
        ({"verify": {"type": "github", "secret": "x"}}, "verify.secret"),
        ({"verify": {"type": "token", "header": "a", "token": "x"}}, "verify.token"),
        ({"verify": {"type": "basic", "username": "u", "password": "x"}}, "verify.password"),
        ({"verify": {"type": "github"}}, "verify.secret"),
        ({"verify": {"type": "standard-webhooks", "secret": "plain"}}, "verify.secret"),
        ({"verify": {"type": "standard-webhooks", "secret": "whsec_eA=="}}, "verify.secret"),
        ({"verify": {**HMAC, "key_encoding": "hex", "secret": "61 62 63"}}, "verify.secret"),
        ({"verify": {**HMAC, "key_encoding": "base64", "secret": "YWJjZA=="}}, "verify.secret"),
        (
            {"verify": {"type": "basic", "username": "a:b", "password": "s3cret"}},
            "verify.username",
        ),
        ({"verify": {"type": "token", "token": "t0ken-1"}}, "verify.header"),
        (
            {"verify": {"type": "token", "token": "t0ken-1", "header": "a", "query": "b"}},
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


@pytest.mark.parametrize("places", [{}, {"header": "X-Gate", "query": "gate"}])
def test_a_token_without_one_place_is_told_so_once(
    client: Client, places: dict[str, object]
) -> None:
    verify = {"type": "token", "token": "t0ken-1"} | places
    match = {"expression": "@"}
    reply = client("POST", PROVIDERS, {"name": "x", "match": match, "verify": verify})
    assert reply.json["errors"] == [
        {"field": "verify.header", "message": "must be there, or query, and not both"}
    ]


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


@pytest.mark.parametrize(
    "verify",
    [
        {"type": "none"},
        {"type": "github", "secret": "s3cret"},
        {"type": "token", "query": "t", "token": "s3cret"},
        {"type": "basic", "username": "u", "password": "s3cret"},
        {
            "type": "hmac",
            "secret": "s3cret",
            "algorithm": "sha1",
            "header": "x-a",
            "encoding": "hex",
            "signed_content": "{timestamp:x-t}.{body}",
        },
    ],
)
def test_a_whole_provider_can_be_edited_and_sent_back(
    client: Client, verify: dict[str, object]
) -> None:
    a_provider(client)
    created = a_provider(client, verify=verify, properties={"key": "k", "plain": [1]})
    reply = client("PATCH", f"{PROVIDERS}/{created['id']}", created | {"name": "other"})
    assert reply.status == 200, reply.text
    changed = {"name": "other", "version": 2, "updated_at": reply.json["updated_at"]}
    assert reply.json == created | changed


def test_what_the_server_sets_of_a_provider_cannot_be_changed(client: Client) -> None:
    one = f"{PROVIDERS}/{a_provider(client)['id']}"
    reply = client("PATCH", one, {"id": "prv_other", "sequence": 7, "created_by": "me"})
    assert (reply.status, reply.fields) == (422, ["id", "sequence", "created_by"])
    assert "is set by the server" in reply.text


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
    for ids, fields in (
        ([third, first], ["ids"]),
        ([*wanted, first], ["ids.3"]),
        ([third, first, first], ["ids.2"]),
        ("x", ["ids"]),
        ([1, 2, 3], ["ids.0", "ids.1", "ids.2"]),
    ):
        assert client("POST", f"{PROVIDERS}/reorder", {"ids": ids}).fields == fields
    assert client("POST", f"{PROVIDERS}/reorder", {"order": wanted}).fields == ["ids", "order"]
    assert client("POST", f"{PROVIDERS}/reorder", {"ids": wanted, "x": 1}).fields == ["x"]


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
