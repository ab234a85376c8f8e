"""What senders ask when a hook is set up, answered with the bytes that they document."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hookline.domain.inbound.answers import Answer
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.presets import preset as preset_named
from hookline.domain.inbound.presets import preset_names
from hookline.services.inbound.receive import Accepted, Refused
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call
from tests.unit.inbound.senders import AT, SECRET

_JSON = "application/json"
POGCHAMP = "pogchamp-kappa-360noscope-vohiyo"
_TEXT = "text/plain; charset=utf-8"

_PROPERTIES = {
    "verify_token": "t0ken-1",
    "verification_token": "v" * 40,
    "endpoint": "https://hooks.example.com/in/acme/ebay",
}


def _hex(text: str) -> str:
    return hmac.digest(SECRET.encode(), text.encode(), "sha256").hex()


def _base64(text: str) -> str:
    return base64.b64encode(hmac.digest(SECRET.encode(), text.encode(), "sha256")).decode()


def _asked(body: object, **headers: str) -> dict[str, Any]:
    return {"body": json.dumps(body).encode(), "headers": headers}


def _zoom() -> dict[str, Any]:
    body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}})
    stamp = str(int(AT.timestamp()))
    headers = {
        "x-zm-request-timestamp": stamp,
        "x-zm-signature": f"v0={_hex(f'v0:{stamp}:{body}')}",
    }
    return {"body": body.encode(), "headers": headers}


def _terraform() -> dict[str, Any]:
    text = json.dumps({"notifications": [{"trigger": "verification"}]}).encode()
    digest = hmac.digest(SECRET.encode(), text, "sha512").hex()
    return {"body": text, "headers": {"x-tfe-notification-signature": digest}}


def _twitch() -> dict[str, Any]:
    body, stamp = (
        json.dumps({"challenge": POGCHAMP}),
        "2026-11-22T12:00:00Z",
    )
    headers = {
        "twitch-eventsub-message-type": "webhook_callback_verification",
        "twitch-eventsub-message-id": "m-1",
        "twitch-eventsub-message-timestamp": stamp,
        "twitch-eventsub-message-signature": f"sha256={_hex(f'm-1{stamp}{body}')}",
    }
    return {"body": body.encode(), "headers": headers}


_META = {
    "hub.mode": ("subscribe",),
    "hub.challenge": ("1158201444",),
    "hub.verify_token": ("t0ken-1",),
}

_GRID = [
    {
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d"},
    }
]

_EBAY = "f5c3037ee10376f909443bb13cf19d9f6a056315a0e4171da9828a2d1926d84a"
"""By eBay's event-notification-nodejs-sdk 1.0.3, generateChallengeResponse."""

_ZOOM = "96037b952ae719cdc40c4098d546d72e3cf5741a1dd2d30da347836bf11d8ad8"
"""By Zoom's @zoom/rivet 0.4.0, what HttpReceiver answers to a plainToken ``abc``."""


def as_json(text: str) -> Answer:
    return Answer(200, {"Content-Type": _JSON}, text)


def as_text(text: str) -> Answer:
    return Answer(200, {"Content-Type": _TEXT}, text)


CHALLENGES: list[tuple[str, str, dict[str, Any], Answer]] = [
    ("meta", "GET", {"query": _META}, as_text("1158201444")),
    (
        "strava",
        "GET",
        {"query": _META},
        as_json('{"hub.challenge":"1158201444"}'),
    ),
    (
        "dropbox",
        "GET",
        {"query": {"challenge": ("abc",)}},
        as_text("abc"),
    ),
    (
        "microsoft-graph",
        "POST",
        {"query": {"validationToken": ("a+b",)}},
        as_text("a+b"),
    ),
    (
        "okta",
        "GET",
        {"headers": {"x-okta-verification-challenge": "x1"}},
        as_json('{"verification":"x1"}'),
    ),
    (
        "zoom",
        "POST",
        _zoom(),
        Answer(200, {"Content-Type": _JSON}, f'{{"plainToken":"abc","encryptedToken":"{_ZOOM}"}}'),
    ),
    (
        "x",
        "GET",
        {"query": {"crc_token": ("abc",)}},
        as_json(f'{{"response_token":"sha256={_base64("abc")}"}}'),
    ),
    (
        "asana",
        "POST",
        {"headers": {"x-hook-secret": "b537"}, "body": b"{}"},
        Answer(200, {"X-Hook-Secret": "b537"}, ""),
    ),
    (
        "monday",
        "POST",
        {**_asked({"challenge": "3eZb"}), "query": {"token": (SECRET,)}},
        as_json('{"challenge":"3eZb"}'),
    ),
    ("trello", "HEAD", {}, Answer(200, {}, "")),
    ("intercom", "HEAD", {}, Answer(200, {}, "")),
    ("mailchimp", "GET", {}, Answer(200, {}, "")),
    (
        "event-grid",
        "POST",
        {**_asked(_GRID), "query": {"code": (SECRET,)}},
        as_json('{"validationResponse":"512d"}'),
    ),
    (
        "cloudevents",
        "OPTIONS",
        {"headers": {"webhook-request-origin": "eventemitter.example.com"}},
        Answer(
            200,
            {"WebHook-Allowed-Origin": "eventemitter.example.com", "WebHook-Allowed-Rate": "*"},
            "",
        ),
    ),
    (
        "twitch",
        "POST",
        _twitch(),
        as_text(POGCHAMP),
    ),
    (
        "ebay",
        "GET",
        {"query": {"challenge_code": ("a8628072",)}},
        as_json(f'{{"challengeResponse":"{_EBAY}"}}'),
    ),
    (
        "terraform-cloud",
        "POST",
        _terraform(),
        Answer(200, {}, ""),
    ),
    (
        "event-grid",
        "OPTIONS",
        {
            "headers": {"webhook-request-origin": "eventgrid.azure.net"},
            "query": {"code": (SECRET,)},
        },
        Answer(
            200,
            {"WebHook-Allowed-Origin": "eventgrid.azure.net", "WebHook-Allowed-Rate": "*"},
            "",
        ),
    ),
    ("notion", "POST", _asked({"verification_token": "secret_x"}), Answer(200, {}, "")),
]


def _provider(stack: Stack, preset: str, secret: str = SECRET) -> None:
    stack.now = AT
    verify = {"type": preset, "secret": secret}
    stack.a_function(stack.a_provider(verify=verify, properties=_PROPERTIES), uri="**")


@pytest.mark.parametrize(("preset", "method", "asked", "answer"), CHALLENGES)
def test_a_challenge_is_answered_as_its_sender_documents_it(
    preset: str, method: str, asked: Mapping[str, Any], answer: Answer
) -> None:
    stack = Stack()
    _provider(stack, preset)
    result = stack.kept(a_call(method=method, **{"body": b"", "headers": {}, **asked}))
    assert result == Accepted(result.message_id, answer)
    message = stack.message(result.message_id)
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert message.executions == ()
    assert stack.queue.sent == []
    assert stack.events.accepted == {}


def test_every_preset_that_asks_something_is_answered_in_a_test() -> None:
    elsewhere = {"aws-sns", "bitbucket", "discord"}  # below
    elsewhere |= {"github", "slack"}  # tests/unit/inbound/test_receiving.py
    known = [found for name in preset_names() if (found := preset_named(name))]
    asks = {each.name for each in known if each.challenges or each.confirm}
    assert {name for name, *_ in CHALLENGES} == asks - elsewhere


def test_bitbuckets_test_of_the_connection_is_noted_and_runs_no_function() -> None:
    stack = Stack()
    _provider(stack, "bitbucket")
    body = b'{"test":true}'
    signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
    headers = {"x-event-key": "diagnostics:ping", "x-hub-signature": f"sha256={signature}"}
    message = stack.received(a_call(body=body, headers=headers))
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert message.message.startswith("diagnostics")
    assert stack.events.accepted == {}
    forged = stack.received(a_call(body=body, headers={"x-event-key": "diagnostics:ping"}))
    assert forged.outcome is Outcome.NO_PROVIDER


@pytest.mark.parametrize("preset", ["zoom", "twitch", "terraform-cloud"])
def test_a_challenge_that_should_be_signed_and_is_not_gets_no_answer(preset: str) -> None:
    stack = Stack()
    _provider(stack, preset, "another secret")
    (asked,) = [each for name, _, each, _ in CHALLENGES if name == preset]
    result = stack.kept(a_call(**asked))
    assert result == Accepted(result.message_id)


def test_a_verify_token_that_is_wrong_or_not_configured_gets_no_challenge_back() -> None:
    wrong = {**_META, "hub.verify_token": ("guessed",)}
    stack = Stack()
    _provider(stack, "meta")
    assert getattr(stack.receive(a_call(method="GET", body=b"", query=wrong)), "answer", 0) is None
    bare = Stack()
    bare.a_provider(verify={"type": "meta", "secret": SECRET})
    without = {name: value for name, value in _META.items() if name != "hub.verify_token"}
    answer = getattr(bare.receive(a_call(method="GET", body=b"", query=without)), "answer", 0)
    assert answer is None, "an absent token is no right one"


def test_discords_ping_and_its_wrong_signature_are_answered_as_it_tries_them() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw().hex()
    body, stamp = b'{"type":1,"application_id":"1","token":"t"}', str(int(AT.timestamp()))
    stack = Stack(now=AT)
    stack.a_provider(verify={"type": "discord", "key": public})
    signature = key.sign(stamp.encode() + body).hex()
    headers = {"x-signature-ed25519": signature, "x-signature-timestamp": stamp}
    right = stack.receive(a_call(body=body, headers=headers))
    assert getattr(right, "answer", None) == as_json('{"type":1}')
    headers["x-signature-ed25519"] = "00" * 64
    assert isinstance(stack.receive(a_call(body=body, headers=headers)), Refused)
