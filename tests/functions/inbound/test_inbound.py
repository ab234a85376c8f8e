"""What the receiver answers, and what the worker does with what it kept."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.stack_inbound import InboundStack
from hookline.adapters.telemetry import Metrics
from hookline.domain.inbound.message import MAX_BODY_BYTES, Outcome, Progress
from hookline.ports.inbound import Claim
from hookline_inbound.gateway import call_of
from hookline_inbound_worker.settings import InboundWorkerSettings
from hookline_inbound_worker.wiring import build_inbound_worker, worker_over
from tests.engine.sending import OneByOne
from tests.engine.wiring import stand_in
from tests.functions.inbound.conftest import World, example
from tests.functions.written import counted


def a_request(path: str, **overrides: Any) -> dict[str, Any]:
    event = example("github", "acme")
    event["pathParameters"] = {"proxy": path}
    event["rawPath"] = f"/in/{path}"
    return event | overrides


def a_push(world: World, **overrides: Any) -> dict[str, Any]:
    return a_request(f"{world.tenant}/git/push", **overrides)


def anybody(world: World, **fields: object) -> str:
    document: dict[str, object] = {
        "name": "anybody",
        "match": {"expression": "`true`"},
        "verify": {"type": "none"},
    }
    return world.add_provider(document | fields)


def publishing(world: World, provider: str, expression: str = "message.payload") -> None:
    event = {"type": "'third.party'", "data": {"seen": expression}}
    world.add_function(
        {
            "name": "publish",
            "provider_id": provider,
            "uri": "git/push",
            "action": {"type": "publish", "event": event},
        }
    )


FORM = "application/x-www-form-urlencoded"
BINARY = base64.b64encode(b"\xff\xfe\x00").decode()


@pytest.mark.parametrize(
    ("body", "is_base64", "content_type", "kept", "payload"),
    [
        pytest.param("", False, "application/json", b"", None, id="empty"),
        pytest.param(None, False, "application/json", b"", None, id="none"),
        pytest.param("{", False, "application/json", b"{", None, id="broken JSON"),
        pytest.param("[1,2]", False, "text/plain", b"[1,2]", [1, 2], id="JSON as text"),
        pytest.param(
            "a=1&b=2&b=3&c=",
            False,
            FORM,
            b"a=1&b=2&b=3&c=",
            {"a": "1", "b": ["2", "3"], "c": ""},
            id="form",
        ),
        pytest.param(
            "payload=%7B%22a%22%3A1%7D",
            False,
            f"{FORM}; charset=utf-8",
            b"payload=%7B%22a%22%3A1%7D",
            {"a": 1},
            id="JSON in a form",
        ),
        pytest.param(BINARY, True, "image/png", b"\xff\xfe\x00", None, id="not UTF-8"),
        pytest.param("!!!", True, "application/json", b"!!!", None, id="wrongly base64"),
        pytest.param("\ud800", False, "text/plain", b"\xed\xa0\x80", None, id="surrogate"),
        pytest.param("[" * 99_999, False, "text/json", b"[" * 99_999, None, id="deep"),
        pytest.param('{"a":1,"a":2}', False, "x/y", b'{"a":1,"a":2}', None, id="twice a key"),
        pytest.param("x" * MAX_BODY_BYTES, False, "x/y", b"x" * MAX_BODY_BYTES, None, id="huge"),
    ],
)
def test_whatever_comes_is_answered_kept_and_worked_on(
    world: World,
    body: str | None,
    is_base64: bool,
    content_type: str,
    kept: bytes,
    payload: object,
) -> None:
    publishing(world, anybody(world))
    headers = {"content-type": content_type}
    answer = world.call(a_push(world, headers=headers, body=body, isBase64Encoded=is_base64))
    assert answer["statusCode"] == 202
    assert world.work() == []
    message = world.messages.get(world.tenant, json.loads(answer["body"])["id"])
    assert message is not None
    assert message.call.body == kept
    assert message.payload == payload
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)


def test_one_byte_more_than_6_mb_is_refused_with_the_limit(world: World) -> None:
    body = base64.b64encode(b"x" * (MAX_BODY_BYTES + 1)).decode()
    answer = world.call(a_push(world, body=body, isBase64Encoded=True))
    assert answer["statusCode"] == 413
    assert json.loads(answer["body"])["detail"].endswith("6291456 are allowed.")
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert world.stored() == []


def test_headers_query_path_and_address_are_kept_as_they_came() -> None:
    call = call_of(
        a_request(
            "acme/any thing/ü/",
            rawQueryString="a=1&a=2&b&c=%20x&=empty",
            headers={"X-Mixed": "one,two"},
            cookies=["a=b", "c=d"],
            isBase64Encoded=True,
            body="/w==",
        )
    )
    assert (call.tenant, call.uri, call.method) == ("acme", "any thing/ü/", "POST")
    assert call.query == {"a": ("1", "2"), "b": ("",), "c": (" x",), "": ("empty",)}
    assert call.headers == {"x-mixed": "one,two", "cookie": "a=b; c=d"}
    assert (call.body, call.remote_addr) == (b"\xff", "192.0.2.1")


def test_without_path_parameters_the_path_itself_tells() -> None:
    event = a_request("acme/in/x")
    del event["pathParameters"]
    assert (call_of(event).tenant, call_of(event).uri) == ("acme", "in/x")


@pytest.mark.parametrize("name", ["flex-sync-webhook", "X-Hookline-Sync"])
def test_a_synchronous_call_is_answered_404_200_or_500(world: World, name: str) -> None:
    request = a_push(world, headers={name: "true", "content-type": "application/json"})
    assert world.call(request)["statusCode"] == 404
    provider = anybody(world)
    assert world.call(request)["statusCode"] == 404
    publishing(world, provider)
    answer = world.call(request)
    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (200, "success")
    publishing(world, provider, "sum('no list')")
    assert world.call(request)["statusCode"] == 500
    (message, *_) = world.stored()
    assert message.sync
    assert sorted(run.status for run in message.executions) == ["failed", "success"]


def test_a_tenant_over_its_quota_is_told_when_to_come_back(world: World) -> None:
    answers = [world.call(a_push(world, body=""))["statusCode"] for _ in range(25)]
    assert answers[:20] == [202] * 20
    assert answers[-1] == 429
    world.time.now += timedelta(seconds=10)
    assert world.call(a_push(world, body=""))["statusCode"] == 202


def test_poison_is_set_aside_and_the_rest_of_its_batch_goes_on(world: World) -> None:
    publishing(world, anybody(world))
    world.call(a_push(world))
    (record,) = world.queued()
    poison = [
        record | {"messageId": f"poison-{number}", "body": body}
        for number, body in enumerate(["", "{", "[]", '{"tenant":1}', '{"tenant":"a"}'])
    ]
    assert world.work([*poison, record]) == []
    assert len(world.stack.bodies("inbound-dead-letters")) == len(poison)
    (message,) = world.stored()
    assert message.status is Progress.SUCCESS


def test_a_worker_that_dies_leaves_the_message_to_the_next_one(world: World) -> None:
    publishing(world, anybody(world))
    answer = world.call(a_push(world))
    (record,) = world.queued()  # and here the first worker dies
    assert world.work([record]) == []
    assert world.work([record]) == [], "a message that comes twice is acknowledged"
    message = world.messages.get(world.tenant, json.loads(answer["body"])["id"])
    assert message is not None
    assert (message.status, message.tries) == (Progress.SUCCESS, 1)


def test_a_message_that_lost_its_place_in_the_queue_is_found_and_worked_on(world: World) -> None:
    publishing(world, anybody(world))
    answer = world.call(a_push(world))
    assert len(world.queued()) == 1, "taken out of the queue, and never worked on"
    world.time.now += timedelta(minutes=41)
    assert world.stack.worker.sweep(lambda: True).messages >= 1
    assert world.work() == []
    message = world.messages.get(world.tenant, json.loads(answer["body"])["id"])
    assert message is not None
    assert message.status is Progress.SUCCESS
    assert len(message.executions) == 1


def test_what_has_to_wait_comes_back_and_is_sent_anew_before_the_queue_gives_up(
    world: World,
) -> None:
    publishing(world, anybody(world))
    world.call(a_push(world))
    (record,) = world.queued()
    (message,) = world.stored()
    held = Claim("another", world.time.now + timedelta(seconds=60))
    world.messages.claim(world.tenant, message.id, held, world.time.now)
    assert world.work([record]) == [record["messageId"]]
    old = record | {"attributes": {"ApproximateReceiveCount": "8"}}
    assert world.work([old]) == []


@pytest.mark.parametrize("table", ["INBOUND_MESSAGES_TABLE", "INBOUND_PROVIDERS_TABLE"])
def test_a_message_that_cannot_be_worked_on_comes_back_and_is_counted(
    world: World,
    table: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anybody(world)
    world.call(a_push(world))
    (record,) = world.queued()
    monkeypatch.setitem(world.stack.overrides, table, "no-such-table")
    settings = world.stack.settings(InboundWorkerSettings)
    cut_off = build_inbound_worker(settings, world.time, world.stack.randomness)
    assert cut_off.batch([record]) == [record["messageId"]]
    assert counted(capsys, "WorkFailed") == {("inbound-worker", "unavailable"): 1}


def test_a_bug_that_keeps_messages_from_being_worked_on_is_counted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def claim(self, *_: object) -> None:
            raise KeyError("nobody expected this")

    anybody(world)
    world.call(a_push(world))
    (record,) = world.queued()
    settings = world.stack.settings(InboundWorkerSettings)
    stack = stand_in(InboundStack, settings, world.time, message_runs=Broken())
    worker = worker_over(
        stack, side_by_side=OneByOne(), metrics=Metrics("inbound-worker", "test", world.time)
    )
    assert worker.batch([record]) == [record["messageId"]]
    assert counted(capsys, "WorkFailed") == {("inbound-worker", "broken"): 1}
