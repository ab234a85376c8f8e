"""What every request has in common: keys, bodies, methods, sizes, problems."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hookline.domain.identity.rights import Principal
from hookline.errors import Unavailable
from hookline_api.http.app import Api
from tests.builders import an_id
from tests.worlds.client import ROOT_KEY, Client, gateway_event


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "malformed"),
        (b"nonsense", "malformed"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": Infinity}', "Infinity"),
        (b'{"name": "a", "name": "b"}', "twice"),
        (b'{"name": "\\ud800"}', "surrogate"),
        (b'{"name": "\xed\xa0\x80"}', "UTF-8"),
        (b"[" * 100_000, "levels"),
        (b'{"a":' * 100_000, "levels"),
    ],
)
@pytest.mark.parametrize("base64_encoded", [True, False], ids=["base64", "text"])
@pytest.mark.parametrize("path", ["/webhooks", "/events", "/events/batch", "/templates/preview"])
def test_a_body_that_is_no_strict_json_is_a_bad_request(
    client: Client, path: str, raw: bytes, reason: str, base64_encoded: bool
) -> None:
    reply = client("POST", path, raw=raw, base64_encoded=base64_encoded)
    assert reply.status == 400, reply.text
    assert reason in reply.json["detail"]


def test_a_body_of_a_windows_shell_begins_with_a_byte_order_mark(client: Client) -> None:
    raw = b'\xef\xbb\xbf{"type": "flow.executed", "data": {"n": 1.50}}'
    published = client("POST", "/events", raw=raw)
    assert published.status == 202
    assert '"n":1.50' in client("GET", f"/events/{published.json['id']}").text
    assert client("POST", "/events", raw=raw, base64_encoded=True).status == 202


@pytest.mark.parametrize(
    ("number", "reason"), [(b"1e999", "1e999 is too large"), (b"9" * 5_000, "9… has more than")]
)
@pytest.mark.parametrize("path", ["/webhooks", "/events", "/events/batch", "/templates/preview"])
def test_a_body_with_a_number_that_cannot_be_kept_is_unprocessable(
    client: Client, path: str, number: bytes, reason: str
) -> None:
    reply = client("POST", path, raw=b'{"name": ' + number + b"}")
    assert (reply.status, reply.json["code"]) == (422, "number_out_of_range")
    assert reason in reply.json["detail"]


def test_a_body_that_is_no_text_is_a_bad_request(client: Client) -> None:
    reply = client("POST", "/events", raw=b"\xff\xfe", base64_encoded=True)
    assert reply.status == 400


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"7", b"true", b"null"])
def test_a_body_that_is_no_object_is_refused(client: Client, raw: bytes) -> None:
    for path in ("/webhooks", "/events", "/events/batch", "/templates/preview"):
        reply = client("POST", path, raw=raw)
        assert (reply.status, reply.fields) == (422, [""])


def test_where_no_body_is_expected_none_with_anything_in_it_is_taken(
    client: Client, api: Api
) -> None:
    bodiless = [each.path for each in api.endpoints if each.method == "POST" and each.body is None]
    webhook = client.a_webhook()["id"]
    named = {"tenant": client.tenant, "webhook": webhook, "message": an_id("msg")}
    named |= {"delivery": an_id("dlv"), "job": an_id("job")}
    for path in bodiless:
        url = re.sub(r"<(\w+)>", lambda found: named[found[1]], path)
        refused = client("POST", url, {"colour": 1})
        assert (refused.status, refused.fields) == (422, ["colour"])
        assert client("POST", url, raw=b"{nonsense").status == 400
        assert client("POST", url, raw=b"[]").status == 422
        for empty in (None, b"", b"{}", b"null"):
            assert client("POST", url, raw=empty).status == 404
    assert len(bodiless) == 4


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/webhooks", 1024 * 1024), ("/events", 256 * 1024), ("/events/batch", 4 * 1024 * 1024)],
)
def test_a_body_that_is_too_large_is_refused_with_the_limit(
    client: Client, path: str, limit: int
) -> None:
    raw = json.dumps({"type": "a", "data": "x" * limit}).encode()
    reply = client("POST", path, raw=raw)
    assert reply.status == 413
    assert str(limit) in reply.json["detail"]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer nonsense", f"Basic {ROOT_KEY}", "Bearer hl_root_wrong"],
)
def test_without_a_good_key_the_answer_is_always_the_same(
    client: Client, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    reply = client.with_key(None)("GET", "/webhooks", headers=headers)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.json["detail"] == (
        "A valid API key is needed: Authorization: Bearer hl_<key id>_<secret>."
    )


def test_a_key_is_asked_for_before_anything_else_is_looked_at(client: Client) -> None:
    stranger = client.with_key(None)
    assert stranger("POST", "/webhooks", raw=b"{").status == 401
    assert stranger("GET", "/webhooks", query={"limit": "no"}).status == 401
    assert stranger("GET", "/nowhere").status == 401


def test_a_path_that_is_not_there_is_not_found(client: Client) -> None:
    for path in ("/nowhere", "/v1", "/v1/", "/v2/tenants", "/webhooks/", "/", "//"):
        assert client("GET", path).status == 404, path


def test_a_method_that_is_not_there_says_which_are(client: Client) -> None:
    reply = client("PUT", "/webhooks", {})
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert client("DELETE", "/v1/health").headers["Allow"] == "GET, HEAD"


def test_health_and_the_document_need_no_key(client: Client) -> None:
    stranger = client.with_key(None)
    assert stranger("GET", "/v1/health").json["status"] == "ok"
    assert stranger("GET", "/v1/openapi.json").json["openapi"].startswith("3.1")


def test_a_problem_carries_the_request_id(api: Api) -> None:
    event = gateway_event("GET", "/v1/tenants")
    answer = api(event, None)
    assert json.loads(answer["body"])["request_id"] == event["requestContext"]["requestId"]


def failing(error: Exception) -> dict[str, Any]:
    """The answer of an API in which this happens."""

    def authenticate(authorization_header: str | None) -> Principal:
        raise error

    api = Api(authenticate, [], around_posts=lambda _, answered: answered())
    return api(gateway_event("GET", "/v1/tenants"), None)


def test_what_nobody_expected_tells_nothing_but_the_request_id() -> None:
    answer = failing(RuntimeError("a secret detail"))
    body = json.loads(answer["body"])
    assert (answer["statusCode"], body["code"]) == (500, "internal_error")
    assert body["request_id"].startswith("request-")
    assert "secret" not in answer["body"]


def test_an_outage_of_aws_says_when_to_come_back() -> None:
    answer = failing(Unavailable("GetItem: InternalServerError"))
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "1")
    assert json.loads(answer["body"])["code"] == "unavailable"
    assert "GetItem" not in answer["body"]


def test_head_answers_where_get_does_without_a_body(client: Client) -> None:
    webhook = client.a_webhook()["id"]
    for path in ("/v1/health", "/webhooks", f"/webhooks/{webhook}", "/events/nothing"):
        got, head = client("GET", path), client("HEAD", path)
        assert (head.status, head.text) == (got.status, "")
        assert head.headers == got.headers
    assert client("HEAD", "/events/batch").status == client("GET", "/events/batch").status
    assert client("HEAD", f"/webhooks/{webhook}/test").status == 405


def test_a_missing_path_a_slash_at_the_end_and_a_missing_item_differ_in_words(
    client: Client,
) -> None:
    said = {
        path: (client("GET", path).json["code"], client("GET", path).json["detail"])
        for path in ("/nowhere", "/webhooks/", f"/webhooks/{an_id('wh')}")
    }
    assert [code for code, _ in said.values()] == ["unknown_path", "unknown_path", "not_found"]
    assert len({detail for _, detail in said.values()}) == 3


def test_every_answer_is_kept_by_nobody_and_read_as_what_it_is(client: Client) -> None:
    for path in ("/webhooks", "/nowhere", "/v1/health", "/v1/openapi.json"):
        headers = client("GET", path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_refusal_names_a_hundred_broken_rules_and_counts_the_rest(client: Client) -> None:
    wrong = {f"{'long' * 100}-{number}": number for number in range(2_000)}
    reply = client("POST", "/webhooks", wrong)
    assert (reply.status, len(reply.json["errors"])) == (422, 100)
    assert reply.json["more_errors"] == 2_000 + 3 - 100
    assert len(reply.text) < 100_000


def test_a_batch_names_no_more_than_can_be_answered(client: Client) -> None:
    wrong = {"\u0000" * 200 + str(number): 1 for number in range(30)}
    reply = client("POST", "/events/batch", {"events": [wrong] * 100})
    assert reply.status == 200
    problems = [item["problem"] for item in reply.json["items"]]
    assert all(problem["errors"] for problem in problems)
    assert {len(each["errors"]) + each.get("more_errors", 0) for each in problems} == {31}
    assert len(json.dumps(reply.text)) < 6 * 1024 * 1024


def test_a_body_is_read_as_json_whatever_its_content_type_says(client: Client) -> None:
    reply = client(
        "POST",
        "/events",
        {"type": "a"},
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert reply.status == 202
