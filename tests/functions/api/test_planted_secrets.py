"""Secrets planted in every field that takes one are found nowhere but where they belong."""

from __future__ import annotations

import base64
import json
import logging

import pytest

from hookline.adapters import aws
from tests.functions.api.client import Client

PLANTED = {
    "secret": "whsec_" + base64.b64encode(b"planted-signing-secret-0001").decode(),
    "password": "planted-password-0002",
    "header": "planted-header-0003",
    "token": "planted-token-0004",
}
WEBHOOK = {
    "name": "planted",
    "url": "https://example.com",
    "events": ["*"],
    "secret": PLANTED["secret"],
    "headers": {"X-Api-Key": PLANTED["header"]},
    "auth": {"type": "basic", "username": "u", "password": PLANTED["password"]},
}


def everything_stored() -> str:
    client = aws.client("dynamodb")
    tables = client.list_tables()["TableNames"]
    return json.dumps([client.scan(TableName=table)["Items"] for table in tables], default=str)


def test_planted_secrets_come_back_once_and_are_nowhere_else(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"Idempotency-Key": "once"}
    made = client("POST", "/webhooks", WEBHOOK, headers=headers)
    path = f"/webhooks/{made.json['id']}"
    token = {"auth": {"type": "bearer", "token": PLANTED["token"]}}
    broken = {"headers": {"X-Api-Key": PLANTED["header"] + "\n"}, "url": "nonsense"}
    answers = [
        client("PATCH", path, token, headers=headers).text,
        client("PATCH", path, broken).text,
        client("POST", "/webhooks", WEBHOOK | {"url": "nonsense"}).text,
        client("POST", "/webhooks", WEBHOOK).text,
        client("GET", path).text,
        client("GET", "/webhooks").text,
        client("POST", "/events/dry-run", {"type": "a"}).text,
    ]
    places = {"answers": "".join(answers), "tables": everything_stored(), "log": caplog.text}
    found = {
        f"{name} in {place}"
        for name, secret in PLANTED.items()
        for place, text in places.items()
        if secret in text
    }
    assert found == set()
    assert made.json["secret"] == PLANTED["secret"]
    assert not any(PLANTED[name] in made.text for name in ("password", "header"))
