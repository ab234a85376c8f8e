"""The catalogue files and templates that ship with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.event.catalogue import event_type_of
from hookline.domain.event.event import Actor, Event
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.request.rendering import WebhookView, render_body
from hookline.domain.request.validity import validity
from tests.builders import NOW, TENANT, an_event

CATALOGUE = Path(__file__).parents[2] / "catalogue"
FILES = sorted(CATALOGUE.glob("*.json"))

# Reference row UN-2: the types of the Unleash page, in its order.
UNLEASH = """
feature-created feature-metadata-updated feature-project-change feature-archived feature-revived
feature-strategy-update feature-strategy-add feature-strategy-remove feature-stale-on
feature-stale-off feature-completed feature-environment-enabled feature-environment-disabled
feature-variants-updated feature-tagged feature-untagged change-request-created
change-request-discarded change-added change-discarded change-request-approved
change-request-approval-added change-request-cancelled change-request-sent-to-review
change-request-applied change-request-scheduled change-request-scheduled-application-success
change-request-scheduled-application-failure change-request-schedule-suspended
feature-potentially-stale-on feature-updated
"""


def entries_of(name: str) -> list[dict[str, Any]]:
    document = json.loads((CATALOGUE / f"{name}.json").read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = document["event_types"]
    return entries


def rendered(name: str, event: Event) -> Any:
    template = (CATALOGUE / "templates" / f"{name}.mustache").read_text(encoding="utf-8")
    view = WebhookView(id=WebhookId("wh_1"), name="hook", body_template=template)
    made = render_body(event, view, {"active": False})
    assert validity(made) is None
    return json.loads(made.body or b"")


def a_flag_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("evt_1"),
        "type": "FEATURE_UPDATED",
        "actor": Actor("7", 'Ann "the\nfirst"'),
        "project": "website",
        "environment": "prod",
        "entity_id": "f1",
        "entity_url": "https://example.com/f1",
        "entity": {"all": "of it"},
        "data": {"name": "summer-sales"},
        "previous_data": {"name": "sales"},
        "tags": [{"type": "simple", "value": "x"}],
        "feature": {"id": "f1", "name": "summer-sales", "strategies": {"": {"enabled": False}}},
    }
    return an_event(**(values | overrides))


def test_there_is_a_file_for_each_system() -> None:
    assert [path.stem for path in FILES] == ["apiida", "etlworks", "github", "izanami", "unleash"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_is_what_the_api_takes(path: Path) -> None:
    entries = entries_of(path.stem)
    for document in entries:
        body = {name: value for name, value in document.items() if name != "type"}
        entry = event_type_of(body, TENANT, document["type"], NOW)
        assert entry.description.endswith(".")
    types = [document["type"] for document in entries]
    assert len(set(types)) == len(types)


def test_un_2_all_event_types_of_unleash_are_there() -> None:
    assert [entry["type"] for entry in entries_of("unleash")] == UNLEASH.split()


def test_un_4_the_default_body_of_unleash_is_a_template() -> None:
    assert rendered("unleash", a_flag_event()) == {
        "id": "evt_1",
        "type": "FEATURE_UPDATED",
        "createdBy": 'Ann "the\nfirst"',
        "createdAt": "2026-11-22T12:00:00.123Z",
        "data": {"name": "summer-sales"},
        "preData": {"name": "sales"},
        "tags": [{"type": "simple", "value": "x"}],
        "featureName": "summer-sales",
        "project": "website",
        "environment": "prod",
    }


def test_what_an_event_does_not_have_is_null_in_unleashs_body() -> None:
    body = rendered("unleash", Event(tenant=TENANT, id=EventId("e"), type="a", accepted_at=NOW))
    assert body["createdBy"] is None
    assert body["preData"] is None


def test_the_body_of_izanami_is_a_template() -> None:
    body = rendered("izanami", a_flag_event())
    assert (body["_id"], body["id"], body["type"]) == ("evt_1", "f1", "FEATURE_UPDATED")
    assert body["metadata"] == {"user": 'Ann "the\nfirst"'}
    assert body["payload"]["active"] is False
    assert body["payload"]["conditions"] == {"": {"enabled": False}}
    deleted = rendered("izanami", a_flag_event(type="FEATURE_DELETED"))
    assert deleted["payload"] == "f1"
    assert deleted["details"] == {"name": "summer-sales", "project": "website"}


def test_the_body_of_etlworks_is_a_template() -> None:
    assert rendered("etlworks", a_flag_event()) == {
        "eventId": "evt_1",
        "eventType": "FEATURE_UPDATED",
        "webhookId": "wh_1",
        "entityId": "f1",
        "entity": {"all": "of it"},
        "entityUrl": "https://example.com/f1",
        "timestamp": 1795348800123,
    }
    assert "entity" not in rendered("etlworks", a_flag_event(entity=None))


def test_the_body_of_apiida_is_a_template() -> None:
    assert rendered("apiida", a_flag_event(type="subscription.create")) == {
        "type": "subscription.create",
        "data": {"name": "summer-sales"},
        "timestamp": "2026-11-22T12:00:00.123Z",
    }
