"""The API answers by its function's own address as it does by the gateway."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from tests.worlds.client import Client, Reply
from tests.worlds.stack import Stack

HOST = "abcdefghijklmnopqrstuvwxyz234567.lambda-url.eu-west-1.on.aws"
TEXT = ("text/", "application/json", "application/javascript", "application/xml")
TIMES = {"project": "website", "since": "2026-11-22T11:00:00+00:00", "limit": "1"}
TRACED = {"Traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
EVENT = json.dumps({"type": "flow.executed", "id": "my-1", "data": "Äpfel, 1.50 €"}).encode()
BATCH = json.dumps({"events": [{"type": "a.b", "id": "my-2"}, {"type": "", "id": "my-3"}]}).encode()


def by_own_address(gateways: dict[str, Any]) -> dict[str, Any]:
    """The same call as Lambda hands it over.

    Its fields, and that a NONE address has an anonymous caller:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    The gateway decodes a path, Lambda does not. What is no text by its type comes in base64.
    """
    http = gateways["requestContext"]["http"]
    path = quote(http["path"])
    number = int(gateways["requestContext"]["requestId"].rpartition("-")[2])
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": gateways["rawQueryString"],
        "headers": gateways["headers"]
        | {"host": HOST, "x-forwarded-proto": "https", "x-forwarded-port": "443"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": HOST.partition(".")[0],
            "domainName": HOST,
            "domainPrefix": HOST.partition(".")[0],
            "http": {**http, "path": path},
            "requestId": str(UUID(int=number)),
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795348800000,
        },
        "isBase64Encoded": gateways["isBase64Encoded"],
    }
    if "queryStringParameters" in gateways:
        event["queryStringParameters"] = gateways["queryStringParameters"]
    if "body" in gateways:
        binary = not gateways["headers"]["content-type"].startswith(TEXT)
        if binary and not gateways["isBase64Encoded"]:
            event["body"] = base64.b64encode(gateways["body"].encode()).decode()
            event["isBase64Encoded"] = True
        else:
            event["body"] = gateways["body"]
    return event


@pytest.fixture(scope="module")
def both(stack: Stack) -> tuple[Client, Client]:
    """Somebody at the gateway, and somebody at the function's own address, a tenant each."""

    def own(event: dict[str, Any], context: object) -> dict[str, Any]:
        return stack.call(by_own_address(event), context)

    made = stack.client("own-tenant-1"), stack.client("own-tenant-2")
    return made[0], Client(own, made[1].tenant)


CALLS: dict[str, Callable[[Client], Reply]] = {
    "publish": lambda client: client("POST", "/events", raw=EVENT, headers=TRACED),
    "the same again": lambda client: client("POST", "/events", raw=EVENT),
    "as curl sends it": lambda client: client(
        "POST", "/events", raw=EVENT, headers={"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "a batch": lambda client: client("POST", "/events/batch", raw=BATCH),
    "read": lambda client: client("GET", "/events/my-1"),
    "read without the body": lambda client: client("HEAD", "/events/my-1"),
    "a list": lambda client: client("GET", "/events", query=TIMES),
    "a type's name in a path": lambda client: client(
        "PUT", "/event-types/flow.executed", {"description": "§ 1"}
    ),
    "letters beyond ASCII in a path": lambda client: client("GET", "/events/Äpfel und 5 %"),
    "a value that is wrong": lambda client: client("GET", "/events", query={"limit": "müde"}),
    "a field that is wrong": lambda client: client("POST", "/events", {"typ": "x"}),
    "a body in base64": lambda client: client("POST", "/events", raw=EVENT, base64_encoded=True),
    "bytes that are no text": lambda client: client(
        "POST", "/events", raw=b"\xff\x00", base64_encoded=True
    ),
    "nothing there": lambda client: client("GET", "/nowhere"),
    "no such method": lambda client: client("PATCH", "/events"),
    "no key": lambda client: client.with_key(None)("GET", "/events"),
    "health": lambda client: client.with_key(None)("GET", "/v1/health"),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_answered_alike_by_both_addresses(both: tuple[Client, Client], call: str) -> None:
    """In their order: some ask for what one before has published."""
    ours, own = (CALLS[call](client) for client in both)
    assert (own.status, own.headers) == (ours.status, ours.headers)
    named = [
        reply.without_request_id().replace(client.tenant, "…")
        for client, reply in zip(both, (ours, own), strict=True)
    ]
    assert named[1] == named[0]


def test_what_they_answered_is_what_was_asked_for(both: tuple[Client, Client]) -> None:
    """Alike could be alike wrong."""
    _, own = both
    assert own("POST", "/events", raw=EVENT).json == {
        "id": "my-1",
        "type": "flow.executed",
        "duplicate": True,
    }
    assert own("GET", "/events/my-1").json["data"] == "Äpfel, 1.50 €"
    assert own("GET", "/events", query={"limit": "müde"}).fields == ["limit"]
    assert own.with_key(None)("GET", "/events").status == 401


def test_an_owner_link_does_not_lead_where_no_console_is(both: tuple[Client, Client]) -> None:
    links = []
    for client in both:
        principal, _ = client.a_principal()
        made = client.made(f"/principals/{principal}/sessions", {"expires_in_seconds": 600})
        links.append(made["url"].partition("#")[0])
    assert links == ["https://api.example/console", "/console"]
