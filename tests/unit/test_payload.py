"""The default body."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.event.event import (
    Actor,
    Event,
    default_body,
    event_document,
    form_body,
    json_body,
)
from hookline.domain.ids import EventId, WebhookId
from tests.builders import NOW, TENANT, an_event

WEBHOOK = WebhookId("wh_1")


def a_full_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("evt_1"),
        "type": "feature-updated",
        "occurred_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        "actor": Actor("u1", "Ann"),
        "project": "shop",
        "environment": "prod",
        "entity_id": "f1",
        "entity_type": "feature",
        "entity_url": "https://example.com/f1",
        "entity": {"secret": 1},
        "data": {"name": "grüße"},
        "previous_data": {"name": "old"},
        "tags": [{"type": "simple", "value": "x"}],
        "feature": {"id": "f1", "name": "sales"},
    }
    return an_event(**(values | overrides))


def test_the_body_has_all_keys_in_their_order() -> None:
    body = default_body(a_full_event(), WEBHOOK)
    assert list(body) == [
        "id", "type", "timestamp", "tenant", "webhook_id", "actor", "project", "environment",
        "entity_type", "entity_id", "entity_url", "entity", "data", "previous_data", "tags",
        "feature",
    ]  # fmt: skip
    assert body["timestamp"] == "2026-11-22T10:00:00.000Z"
    assert body["actor"] == {"id": "u1", "name": "Ann"}
    assert (body["tenant"], body["webhook_id"]) == (TENANT, WEBHOOK)


def test_what_is_absent_is_left_out_and_the_timestamp_falls_back_to_acceptance() -> None:
    event = Event(tenant=TENANT, id=EventId("evt_1"), type="a", accepted_at=NOW)
    assert default_body(event, WEBHOOK) == {
        "id": "evt_1",
        "type": "a",
        "timestamp": "2026-11-22T12:00:00.123Z",
        "tenant": TENANT,
        "webhook_id": WEBHOOK,
    }


def test_the_body_of_a_test_says_that_it_is_one() -> None:
    body = default_body(replace(a_full_event(), test=True), WEBHOOK)
    assert list(body)[-1] == "test"
    assert body["test"] is True
    assert "test" not in event_document(replace(a_full_event(), test=True))


def test_false_and_empty_values_are_not_absent() -> None:
    body = default_body(an_event(data=False, tags=[], entity={}), WEBHOOK)
    assert (body["data"], body["tags"], body["entity"]) == (False, [], {})


def test_without_the_entity_its_id_stays() -> None:
    body = default_body(a_full_event(), WEBHOOK, include_entity=False)
    assert "entity" not in body
    assert body["entity_id"] == "f1"
    assert body["entity_url"] == "https://example.com/f1"


def test_the_activation_joins_the_feature_and_leaves_the_event_alone() -> None:
    event = a_full_event()
    body = default_body(event, WEBHOOK, activation={"active": False})
    assert body["feature"] == {"id": "f1", "name": "sales", "active": False}
    assert event.feature == {"id": "f1", "name": "sales"}


def test_json_is_compact_utf8() -> None:
    assert json_body({"a": "grüße 😀", "b": [1, None]}) == '{"a":"grüße 😀","b":[1,null]}'.encode()


def test_a_form_holds_the_same_keys_with_nested_values_as_json() -> None:
    fields = dict(parse_qsl(form_body(default_body(a_full_event(data=None), WEBHOOK)).decode()))
    assert fields["type"] == "feature-updated"
    assert fields["timestamp"] == "2026-11-22T10:00:00.000Z"
    assert json.loads(fields["actor"]) == {"id": "u1", "name": "Ann"}
    assert json.loads(fields["tags"]) == [{"type": "simple", "value": "x"}]
    assert "data" not in fields


def test_a_form_shows_numbers_and_booleans_as_json() -> None:
    assert form_body({"a": 1, "b": True, "c": "x y&z=ü"}) == b"a=1&b=true&c=x+y%26z%3D%C3%BC"


def test_filters_see_the_same_names_without_the_webhook() -> None:
    event = a_full_event()
    assert {**event_document(event), "webhook_id": WEBHOOK} == default_body(event, WEBHOOK)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@given(json_values)
def test_the_same_event_gives_the_same_bytes_and_reads_back(data: object) -> None:
    once = json_body(default_body(an_event(data=data), WEBHOOK))
    assert once == json_body(default_body(an_event(data=json.loads(json.dumps(data))), WEBHOOK))
    assert json.loads(once).get("data") == data
    form = dict(parse_qsl(form_body({"data": [data]}).decode(), keep_blank_values=True))
    assert json.loads(form["data"]) == [data]
