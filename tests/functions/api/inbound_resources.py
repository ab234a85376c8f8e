"""Inbound resources over HTTP, as tests make them."""

from __future__ import annotations

from typing import Any

from tests.worlds.client import Client

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:not-allowed"
PROVIDERS, FUNCTIONS = "/inbound/providers", "/inbound/functions"


def a_provider(client: Client, **fields: object) -> Any:
    document = {
        "name": "GitHub",
        "match": {"expression": 'headers."x-github-event"'},
        "verify": {"type": "github", "secret": "s3cret"},
    }
    reply = client("POST", PROVIDERS, document | fields)
    assert reply.status == 201, reply.text
    return reply.json


def a_function(client: Client, provider: Any, **fields: object) -> Any:
    document = {
        "name": "publish",
        "provider_id": provider["id"],
        "uri": "/git/push/",
        "action": {"type": "publish", "event": {"type": "'git.push'", "data": "message.payload"}},
    }
    reply = client("POST", FUNCTIONS, document | fields)
    assert reply.status == 201, reply.text
    return reply.json
