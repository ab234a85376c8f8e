"""A payload of every sender: verified, told apart, published equal and forwarded byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.presets import preset, preset_names
from hookline.domain.inbound.signatures import NotVerified, Verified
from tests.builders import a_webhook
from tests.engine.inbound_stack import Stack
from tests.unit.inbound.payloads import FOLDER, NOW, Payload, payloads

PAYLOADS = payloads()
each_sender = pytest.mark.parametrize("payload", PAYLOADS, ids=[one.preset for one in PAYLOADS])


def test_every_preset_has_a_payload_and_every_payload_a_preset() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == list(preset_names())


@each_sender
def test_each_file_says_where_it_comes_from_and_what_is_in_it(payload: Payload) -> None:
    known = preset(payload.preset)
    assert known is not None
    assert payload.document["source"].startswith(("written ", "an example of "))
    assert (payload.document["delivery_id"] is None) == (known.id is None)


def _stack(payload: Payload) -> Stack:
    stack = Stack(now=NOW, published=_published(payload))
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    signed = payload.signed
    verify: dict[str, Any] = {"type": payload.preset, **signed.verify}
    if "expect" not in verify and "key" not in verify:
        verify["secret"] = signed.secrets[0]
    provider = stack.a_provider(verify=verify)
    seen = "{payload: message.payload, type: message.event_type, id: message.delivery_id}"
    event = {"type": "'seen'", "data": seen}
    stack.a_function(provider, uri="*", action={"type": "publish", "event": event})
    forward = {"type": "forward", "webhook_id": webhook.id}
    stack.a_function(provider, uri="*", name="forward", action=forward)
    return stack


def _published(payload: Payload) -> dict[str, bytes]:
    return {url: text.encode() for url, text in payload.signed.published.items()}


@each_sender
def test_it_is_published_equal_with_its_type_and_id_and_forwarded_byte_for_byte(
    payload: Payload,
) -> None:
    call = payload.signed.call
    stack = _stack(payload)
    message = stack.received(call)
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED), message
    published, forwarded = stack.events.accepted.values()
    data: Any = published.data
    assert data["type"] == payload.document["event_type"]
    assert data["id"] == payload.document["delivery_id"]
    if "text" not in payload.document:
        assert data["payload"] == json.loads(call.body)
    else:
        assert data["payload"], "a form's fields"
    assert forwarded.pristine is not None
    assert forwarded.pristine.content == call.body


@each_sender
def test_with_another_secret_or_without_its_proof_it_is_refused(payload: Payload) -> None:
    signed = payload.signed
    assert isinstance(signed.judged(), Verified)
    bare = dict(payload.document["headers"])
    original = json.dumps(payload.document.get("body")).encode()
    assert isinstance(signed.judged(headers=bare, query={}, body=original), NotVerified)
    if signed.secrets and not signed.verify.get("expect") and "key" not in signed.verify:
        other = signed.secrets[0][:-4] + "AAA="
        assert isinstance(signed.judged(secrets=(other,)), NotVerified)


@each_sender
def test_its_senders_own_repeat_is_recognised(payload: Payload) -> None:
    known = preset(payload.preset)
    assert known is not None
    if known.id is None:
        return
    stack = _stack(payload)
    call = payload.signed.call
    first = stack.received(call)
    again = replace(call, headers={**call.headers, "x-attempt": "2"})
    repeat = stack.received(again)
    replayed = repeat.outcome is Outcome.NO_PROVIDER and "before" in repeat.passed_over[0].reason
    assert replayed or repeat.repeat_of == first.id
