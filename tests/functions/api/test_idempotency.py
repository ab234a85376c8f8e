"""Idempotency-Key: the first answer again, once, to its own caller, with no secret stored."""

from __future__ import annotations

import json
from datetime import timedelta

from hookline.adapters.aws.clients import Clients
from hookline_api.settings import ApiSettings
from tests.engine.clock import FakeClock
from tests.worlds.client import Client

WEBHOOK = {"name": "once", "url": "https://example.com", "events": ["*"]}


def stored_text(settings: ApiSettings) -> str:
    items = Clients().dynamodb().scan(TableName=settings.idempotency_table)["Items"]
    return json.dumps(items)


def test_the_same_request_again_gets_the_first_answer(client: Client) -> None:
    key = {"Idempotency-Key": "a-1"}
    first = client("POST", "/events", {"type": "a"}, headers=key)
    again = client("POST", "/events", {"type": "a"}, headers=key)
    assert (again.status, again.json) == (202, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_the_same_key_with_another_body_is_a_conflict(client: Client) -> None:
    key = {"Idempotency-Key": "a-1"}
    client("POST", "/events", {"type": "a"}, headers=key)
    assert client("POST", "/events", {"type": "b"}, headers=key).status == 409


def test_a_key_is_its_callers_and_its_targets_own(client: Client) -> None:
    key = {"Idempotency-Key": "a-1"}
    writer = client.with_key(client.a_key(level="write"))
    answers = [
        client("POST", "/events", {"type": "a"}, headers=key),
        writer("POST", "/events", {"type": "a"}, headers=key),
        client("POST", "/events/batch", {"events": [{"type": "a"}]}, headers=key),
    ]
    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)


def test_a_secret_is_replayed_but_not_stored(client: Client, settings: ApiSettings) -> None:
    key = {"Idempotency-Key": "a-1"}
    first = client("POST", "/webhooks", WEBHOOK, headers=key)
    again = client("POST", "/webhooks", WEBHOOK, headers=key)
    assert first.status == 201
    assert first.json["secret"].startswith("whsec_")
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert len(client("GET", "/webhooks").json["items"]) == 1
    principal = client("POST", "/principals", {"name": "p"}).json["id"]
    issued = client("POST", f"/principals/{principal}/keys", {}, headers=key)
    rotated = client("POST", f"/webhooks/{first.json['id']}/secret/rotate", {}, headers=key)
    text = stored_text(settings)
    for secret in (first.json["secret"], issued.json["key"], rotated.json["secret"]):
        assert secret not in text


def test_a_refused_request_changed_nothing_and_may_be_sent_again(client: Client) -> None:
    key = {"Idempotency-Key": "a-1"}
    assert client("POST", "/webhooks", {"name": "x"}, headers=key).status == 422
    assert client("POST", "/webhooks", WEBHOOK, headers=key).status == 201


def test_a_key_is_forgotten_after_a_day(client: Client, clock: FakeClock) -> None:
    key = {"Idempotency-Key": "a-1"}
    client("POST", "/events", {"type": "a"}, headers=key)
    clock.advance(timedelta(hours=23, minutes=59))
    assert client("POST", "/events", {"type": "b"}, headers=key).status == 409
    clock.advance(timedelta(minutes=2))
    assert client("POST", "/events", {"type": "b"}, headers=key).status == 202


def test_a_malformed_key_is_refused(client: Client) -> None:
    for value in ("", "with space", "x" * 256, "\u00e9"):
        reply = client("POST", "/events", {"type": "a"}, headers={"Idempotency-Key": value})
        assert (reply.status, reply.fields) == (422, ["Idempotency-Key"])


def test_a_path_too_long_for_any_resource_is_not_found_whatever_key_comes_along(
    client: Client,
) -> None:
    path = f"/v1/tenants/{'a' * 2100}/events"
    assert client("POST", path, {"type": "a"}, headers={"Idempotency-Key": "k"}).status == 404


def test_the_largest_webhook_is_made_once_however_often_it_is_asked_for(client: Client) -> None:
    largest = WEBHOOK | {
        "body_template": '{"a":"b"}\n' * 13_107,
        "headers": {"X-Large": '"' * 40_000},
        "scope": {"projects": ["é" * 100 + str(number) for number in range(100)]},
    }
    key = {"Idempotency-Key": "large"}
    first = client("POST", "/webhooks", largest, headers=key)
    again = client("POST", "/webhooks", largest, headers=key)
    assert (again.status, again.json) == (201, first.json)


def test_an_answer_is_replayed_only_to_who_still_may_do_what_it_answers(
    client: Client, clock: FakeClock
) -> None:
    principal = client("POST", "/principals", {"name": "p", "level": "admin"}).json["id"]
    issued = client("POST", f"/principals/{principal}/keys", {}).json["key"]
    them = client.with_key(issued)
    key = {"Idempotency-Key": "a-1"}
    calls: list[tuple[str, dict[str, object]]] = [
        ("/webhooks", dict(WEBHOOK)),
        ("/events", {"type": "a", "id": "e-1"}),
        ("/events/batch", {"events": [{"type": "a", "id": "e-2"}]}),
        (f"/principals/{principal}/keys", {}),
    ]
    firsts = [them("POST", path, body, headers=key) for path, body in calls]
    assert [first.status for first in firsts] == [201, 202, 200, 201]
    webhook = firsts[0].json["id"]
    client("PATCH", f"/principals/{principal}", {"level": "read"})
    client("DELETE", f"/webhooks/{webhook}/rights/{principal}")
    clock.advance(timedelta(seconds=61))
    again = [them("POST", path, body, headers=key) for path, body in calls]
    assert [each.status for each in again] == [403] * len(calls)
    client("PATCH", f"/principals/{principal}", {"level": None})
    clock.advance(timedelta(seconds=61))
    again = [them("POST", path, body, headers=key) for path, body in calls]
    assert [each.status for each in again] == [404] * len(calls)
    assert all(firsts[0].json["secret"] not in each.text for each in again)
    client("PATCH", f"/principals/{principal}", {"level": "admin"})
    assert them("POST", "/webhooks", WEBHOOK, headers=key).json == firsts[0].json
