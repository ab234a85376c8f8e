"""Every payload of npm's @octokit/webhooks-examples, from GitHub's signature to events."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from hookline.domain.inbound.message import Progress
from tests.builders import a_webhook
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call

_FILE = Path(__file__).parents[2] / "vectors/senders/octokit-webhooks-examples.json.gz"
SECRET = "It's a Secret to Everybody"


def examples() -> list[tuple[str, Any]]:
    groups = json.loads(gzip.decompress(_FILE.read_bytes()))
    return [(group["name"], payload) for group in groups for payload in group["examples"]]


def test_all_of_githubs_examples_are_verified_published_equal_and_forwarded_byte_for_byte() -> None:
    stack = Stack()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    provider = stack.a_provider(
        match={"expression": 'headers."x-github-event"'},
        verify={"type": "github", "secret": SECRET},
    )
    event = {"type": "join('.', ['github', message.event_type])", "data": "message.payload"}
    stack.a_function(provider, uri="git/**", action={"type": "publish", "event": event})
    forward = {"type": "forward", "webhook_id": webhook.id}
    stack.a_function(provider, uri="git/*", name="forward", action=forward)
    tried = 0
    for number, (name, payload) in enumerate(examples()):
        body = json.dumps(payload, ensure_ascii=False, indent=number % 3).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-github-event": name,
            "x-github-delivery": f"d-{number}",
            "x-hub-signature-256": f"sha256={digest}",
        }
        stack.events.accepted.clear()
        message = stack.received(a_call(body=body, headers=headers))
        assert message.status is Progress.SUCCESS, (name, message.message)
        found = list(stack.events.accepted.values())
        if name == "ping":
            assert found == []
            continue
        published, forwarded = found
        assert (published.type, published.data) == (f"github.{name}", payload)
        assert forwarded.pristine is not None
        assert forwarded.pristine.content == body
        assert forwarded.pristine.headers["x-github-event"] == name
        tried += 1
    assert tried > 300
