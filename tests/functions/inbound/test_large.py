"""Bodies above what an item holds: taken in, worked on, shown, resubmitted; or too much."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from hookline.domain.event.rules import MAX_EVENT_BYTES
from hookline.domain.inbound.message import MAX_BODY_BYTES, Progress
from tests.functions.inbound.conftest import World, example

SECRET = "example-secret"


def a_push(world: World, body: bytes) -> dict[str, Any]:
    event = example("github", world.tenant)
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"
    return event | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def test_a_push_of_5_mb_is_verified_published_shown_and_resubmitted(world: World) -> None:
    provider = world.add_provider(
        {
            "name": "GitHub",
            "match": {"expression": "`true`"},
            "verify": {"type": "github", "secret": SECRET},
        }
    )
    event = {"type": "'git.push'", "data": "{ref: message.payload.ref}"}
    action = {"type": "publish", "event": event}
    world.add_function(
        {"name": "publish", "provider_id": provider, "uri": "git/push", "action": action}
    )
    whole = {"name": "all of it", "provider_id": provider, "uri": "git/push"}
    too_much = {"type": "publish", "event": {"type": "'git.push'", "data": "message.raw"}}
    world.add_function(whole | {"action": too_much})
    body = json.dumps({"ref": "refs/heads/main", "pad": "x" * 5_000_000}).encode()
    answer = world.call(a_push(world, body))
    assert answer["statusCode"] == 202
    assert world.work() == []
    message_id = json.loads(answer["body"])["id"]
    shown = world.client("GET", f"/inbound/messages/{message_id}").json
    by_name = {each["function_name"]: each for each in shown["executions"]}
    assert by_name["publish"]["status"] == "success"
    assert "the event cannot be published" in by_name["all of it"]["message"]
    assert (len(shown["body"]), shown["body_truncated"]) == (262_144, True)
    assert shown["payload_problem"] == f"not shown: the body has {len(body)} bytes"
    stored = world.messages.get(world.tenant, message_id)
    assert stored is not None
    assert stored.call.body == body

    again = world.client("POST", f"/inbound/messages/{message_id}/resubmit")
    assert again.status == 202
    assert world.work() == []
    repeated = world.messages.get(world.tenant, again.json["id"])
    assert repeated is not None
    assert repeated.call.body == body
    assert repeated.executions[0].status is Progress.SUCCESS


def test_6_mb_and_one_byte_is_too_large_and_stores_nothing(world: World) -> None:
    answer = world.call(a_push(world, b"x" * (MAX_BODY_BYTES + 1)))
    assert answer["statusCode"] == 413
    assert world.stored() == []


def a_forward(world: World) -> None:
    webhook = world.client.made(
        "/webhooks", {"name": "all of it", "url": "https://example.com/hook", "events": ["*"]}
    )
    provider = world.add_provider(
        {
            "name": "GitHub",
            "match": {"expression": "`true`"},
            "verify": {"type": "github", "secret": SECRET},
        }
    )
    forward = {"type": "forward", "webhook_id": webhook["id"]}
    world.add_function(
        {"name": "forward", "provider_id": provider, "uri": "git/push", "action": forward}
    )


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_that_an_event_just_carries_is_forwarded_and_one_byte_more_says_so(
    world: World, more: int
) -> None:
    a_forward(world)
    body = b"x" * (MAX_EVENT_BYTES + more)
    assert world.call(a_push(world, body))["statusCode"] == 202
    assert world.work() == []
    (message,) = world.stored()
    (execution,) = message.executions
    if more == 0:
        assert execution.status is Progress.SUCCESS
        event = world.event(execution.message.removeprefix("forwarded as "))
        assert event is not None
        assert event.pristine is not None
        assert event.pristine.content == body
    else:
        assert execution.status is Progress.FAILED
        assert execution.message == "the body has 262145 bytes; an event carries 262144"
        assert message.tries == 1, "another try would end no other way"
