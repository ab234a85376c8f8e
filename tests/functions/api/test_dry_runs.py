"""Dry runs of stored events, and of webhooks that are not saved yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.client import Client

EVENT = {"type": "flow.executed", "project": "p", "data": {"total": 5}}


def verdicts(client: Client, **body: Any) -> list[dict[str, Any]]:
    reply = client("POST", "/events/dry-run", body)
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.json["items"]
    return found


def test_a_stored_event_is_tried_by_its_id(client: Client) -> None:
    client.a_webhook(name="hook", filter="data.total == `5`")
    client.made("/events", EVENT | {"id": "e-1"})
    (verdict,) = verdicts(client, event_id="e-1")
    assert (verdict["name"], verdict["matched"]) == ("hook", True)


@pytest.mark.parametrize(
    ("webhook", "matched"),
    [
        ({}, True),
        ({"events": ["flow.*"], "filter": "data.total > `4`"}, True),
        ({"events": ["order.*"]}, False),
        ({"scope": {"projects": ["q"]}}, False),
        ({"filter": "data.total > `5`"}, False),
    ],
)
def test_a_webhook_is_tried_before_it_is_saved(
    client: Client, webhook: dict[str, object], matched: bool
) -> None:
    client.a_webhook()
    client.made("/events", EVENT | {"id": "e-1"})
    for event in ({"event_id": "e-1"}, EVENT):
        (verdict,) = verdicts(client, webhook=webhook, **event)
        assert (verdict["webhook_id"], verdict["matched"]) == (None, matched)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"event_id": "e-9"}, ["event_id"]),
        ({"event_id": 7}, ["event_id"]),
        ({"event_id": "e-9", "type": "a"}, ["type"]),
        ({"webhook": {}}, ["type"]),
        ({"type": "a", "webhook": {"filter": "a ||"}}, ["webhook.filter"]),
        ({"type": "a", "webhook": {"url": "https://example.com"}}, ["webhook.url"]),
        ({"type": "a", "webhook": []}, ["webhook"]),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(
    client: Client, body: dict[str, object], fields: list[str]
) -> None:
    refused = client("POST", "/events/dry-run", body)
    assert (refused.status, refused.fields) == (422, fields)
