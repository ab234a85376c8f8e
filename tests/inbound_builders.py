"""Inbound values for tests: sensible ones, of which a test names only what it is about."""

from __future__ import annotations

from typing import Any

from hookline.domain.ids import FunctionId, MessageId, ProviderId
from hookline.domain.inbound.function import Function, Publish
from hookline.domain.inbound.message import Call, Message
from hookline.domain.inbound.provider import MatchExpression, Provider
from tests.builders import NOW, PRINCIPAL, TENANT, an_id

LAMBDA_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:deploy"

_STAMPS: dict[str, Any] = {
    "created_at": NOW,
    "created_by": PRINCIPAL,
    "updated_at": NOW,
    "updated_by": PRINCIPAL,
}


def a_call(**overrides: Any) -> Call:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "method": "POST",
        "uri": "git/push",
        "headers": {"content-type": "application/json"},
        "body": b'{"ref":"refs/heads/main"}',
        "remote_addr": "192.0.2.1",
    }
    return Call(**(values | overrides))


def a_message(**overrides: Any) -> Message:
    values: dict[str, Any] = {
        "id": MessageId(an_id("msg")),
        "call": a_call(),
        "received_at": NOW,
    }
    return Message(**(values | overrides))


def a_provider(**overrides: Any) -> Provider:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "id": ProviderId(an_id("prv")),
        "name": "anybody",
        "match": MatchExpression("`true`"),
        **_STAMPS,
    }
    return Provider(**(values | overrides))


def a_function(**overrides: Any) -> Function:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "id": FunctionId(an_id("fn")),
        "provider_id": ProviderId(an_id("prv")),
        "uri": "git/push",
        "name": "publish the push",
        "action": Publish({"type": "'git.push'"}),
        **_STAMPS,
    }
    return Function(**(values | overrides))
