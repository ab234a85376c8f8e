"""The body of a call."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.event.event import Actor, Pristine, default_body, json_body
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.request.rendering import Rendered, WebhookView, render_body
from hookline.domain.sandbox.templates import TemplateFailed
from tests.builders import a_webhook, an_event

UNLEASH_EXAMPLE = """{
  "event": "{{event.type}}",
  "createdBy": "{{event.createdBy}}",
  "featureToggle": "{{event.data.name}}",
  "timestamp": "{{event.data.createdAt}}"
}
"""
NASTY = 'He said "no" \\ and left\nfor good 😀'
STRATEGIES = {"": {"enabled": True, "resultType": "boolean", "conditions": []}}


def a_view(**overrides: Any) -> WebhookView:
    values: dict[str, Any] = {"id": WebhookId("wh_1"), "name": "hook"}
    return WebhookView(**(values | overrides))


def a_flag_event(**overrides: Any) -> Any:
    values: dict[str, Any] = {
        "id": EventId("evt_1"),
        "type": "feature-updated",
        "actor": Actor("7", NASTY),
        "project": "website",
        "environment": "prod",
        "entity_id": "f1",
        "entity_url": "https://example.com/f1",
        "entity": {"big": True},
        "data": {"name": NASTY, "createdAt": "2026-11-22T11:00:00Z"},
        "previous_data": {"name": "before"},
        "feature": {
            "id": "f1",
            "name": "summer-sales",
            "strategies": STRATEGIES,
            "previous_strategies": {},
        },
    }
    return an_event(**(values | overrides))


def rendered_text(template: str, event: Any = None, **view: Any) -> str:
    activation = view.pop("activation", None)
    settings = {"content_type": "text/plain", "body_template": template} | view
    body = render_body(event or a_flag_event(), a_view(**settings), activation).body
    assert body is not None
    return body.decode()


# -- by default ------------------------------------------------------------------------------------


def test_without_a_template_the_default_body_is_sent_as_json() -> None:
    event = a_flag_event()
    assert render_body(event, a_view()) == Rendered(
        json_body(default_body(event, WebhookId("wh_1"))), "application/json"
    )


def test_a_form_has_the_same_fields() -> None:
    rendered = render_body(
        a_flag_event(), a_view(content_type="application/x-www-form-urlencoded; charset=utf-8")
    )
    assert rendered.content_type == "application/x-www-form-urlencoded; charset=utf-8"
    fields = parse_qs((rendered.body or b"").decode())
    assert fields["entity_id"] == ["f1"]
    assert json.loads(fields["data"][0])["name"] == NASTY


def test_an_empty_template_is_none() -> None:
    assert render_body(a_flag_event(), a_view(body_template="")) == render_body(
        a_flag_event(), a_view()
    )


@pytest.mark.parametrize("template", [None, "x{{event.type}}"])
def test_a_get_has_no_body(template: str | None) -> None:
    view = a_view(method="GET", body_template=template)
    assert render_body(a_flag_event(), view) == Rendered(None, None)


def test_a_forwarded_body_goes_out_as_it_came_in() -> None:
    event = an_event(pristine=Pristine(b"\x00raw", "application/octet-stream"))
    view = a_view(body_template="never used")
    assert render_body(event, view) == Rendered(b"\x00raw", "application/octet-stream")


def test_without_the_entity_neither_body_nor_template_shows_it() -> None:
    body = json.loads(render_body(a_flag_event(), a_view(include_entity=False)).body or b"")
    assert "entity" not in body
    assert body["entity_id"] == "f1"
    template = "{{#json}}event.entity{{/json}}{{#json}}entity{{/json}} {{{eventJson}}}"
    shown = rendered_text(template, include_entity=False)
    assert "big" not in shown
    assert "big" in rendered_text(template)


def test_a_stored_webhook_is_seen_as_it_is() -> None:
    webhook = a_webhook(
        context="prod", user="ann", method="PUT", body_template="x", include_entity=False
    )
    assert WebhookView.of(webhook) == WebhookView(
        id=webhook.id,
        name=webhook.name,
        context="prod",
        user="ann",
        method="PUT",
        body_template="x",
        include_entity=False,
    )


# -- by template -----------------------------------------------------------------------------------


def test_un_3_the_example_of_unleash_renders_as_it_stands_to_valid_json() -> None:
    rendered = render_body(a_flag_event(), a_view(body_template=UNLEASH_EXAMPLE))
    assert rendered.content_type == "application/json"
    assert json.loads(rendered.body or b"") == {
        "event": "feature-updated",
        "createdBy": NASTY,
        "featureToggle": NASTY,
        "timestamp": "2026-11-22T11:00:00Z",
    }


@given(st.text(), st.text())
def test_it_renders_to_valid_json_whatever_the_values_hold(author: str, name: str) -> None:
    event = a_flag_event(actor=Actor("7", author or "x"), data={"name": name})
    body = json.loads(render_body(event, a_view(body_template=UNLEASH_EXAMPLE)).body or b"")
    assert (body["createdBy"], body["featureToggle"]) == (author or "x", name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event.id", "evt_1"),
        ("event.timestamp", "2026-11-22T12:00:00.123Z"),
        ("event.entity_id", "f1"),
        ("event.actor.id", "7"),
        ("event.tenant", "acme"),
        # Unleash
        ("event.createdAt", "2026-11-22T12:00:00.123Z"),
        ("event.createdByUserId", "7"),
        ("event.featureName", "summer-sales"),
        ("event.preData.name", "before"),
        ("event.project", "website"),
        ("event.environment", "prod"),
        # Izanami
        ("_id", "evt_1"),
        ("id", "f1"),
        ("type", "feature-updated"),
        ("timestamp", "2026-11-22T12:00:00.123Z"),
        ("metadata.user", NASTY),
        ("payload.id", "f1"),
        ("payload.name", "summer-sales"),
        ("payload.project", "website"),
        ("payload.active", "false"),
        ("payload.conditions", json.dumps(STRATEGIES, separators=(",", ":"))),
        ("payload.previousConditions", "{}"),
        ("payload.createdAt", "2026-11-22T11:00:00Z"),
        ("details.name", "summer-sales"),
        ("details.project", "website"),
        # Etlworks
        ("eventId", "evt_1"),
        ("eventType", "feature-updated"),
        ("webhookId", "wh_1"),
        ("entityId", "f1"),
        ("entityUrl", "https://example.com/f1"),
        ("entity.big", "true"),
        ("timestampMillis", "1795348800123"),
        # the platform's own
        ("event.feature.active", "false"),
        ("webhook.id", "wh_1"),
        ("webhook.name", "hook"),
        ("webhook.context", "prod"),
        ("webhook.user", "ann"),
    ],
)
def test_a_template_knows_the_event_by_all_of_its_names(name: str, value: str) -> None:
    shown = rendered_text(
        f"{{{{{name}}}}}", context="prod", user="ann", activation={"active": False}
    )
    assert shown == value


def test_a_deleted_feature_is_named_as_izanami_does() -> None:
    event = a_flag_event(type="FEATURE_DELETED")
    assert rendered_text("{{payload}} {{details.name}}", event) == "f1 summer-sales"


def test_without_a_feature_the_payload_is_the_data() -> None:
    event = an_event(data={"rows": 12})
    assert rendered_text("{{payload.rows}}{{payload.active}}{{id}}", event) == "12flow-7"


def test_what_the_event_does_not_have_prints_as_nothing() -> None:
    event = an_event(data=None, entity_id=None)
    template = "[{{event.createdBy}}{{event.preData}}{{metadata.user}}{{payload}}{{details}}{{id}}]"
    assert rendered_text(template, event) == "[]"


def test_the_event_as_json_is_the_event_under_its_own_names() -> None:
    event = a_flag_event()
    shown = json.loads(rendered_text("{{{eventJson}}}", event, activation={"active": True}))
    wanted = default_body(event, WebhookId("wh_1"), activation={"active": True})
    wanted.pop("webhook_id")
    assert shown == wanted
    inside = rendered_text('{"text": "{{eventJson}}"}', event, content_type="application/json")
    assert json.loads(json.loads(inside)["text"])["id"] == "evt_1"


# -- activation ------------------------------------------------------------------------------------


def test_an_activation_shows_in_body_and_template() -> None:
    body = json.loads(render_body(a_flag_event(), a_view(), {"active": True}).body or b"")
    assert body["feature"]["active"] is True
    assert rendered_text("{{payload.active}}", activation={"active": True}) == "true"


def test_a_disabled_string_feature_is_null_and_not_absent() -> None:
    template = "{{#json}}payload{{/json}}"
    shown = json.loads(rendered_text(template, activation={"active": None}))
    assert shown["active"] is None


# -- failures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{#event.data}}", "The section event.data is never closed, at line 1, column 1"),
        ("{{#event.data}}" + "x" * 100_000 + "{{/event.data}}", "larger than 262144 bytes"),
    ],
)
def test_a_template_that_fails_says_why(template: str, message: str) -> None:
    with pytest.raises(TemplateFailed, match=message):
        render_body(an_event(data=[1, 2, 3]), a_view(body_template=template))


def test_the_same_event_gives_the_same_bytes() -> None:
    view = a_view(body_template=UNLEASH_EXAMPLE + "{{{eventJson}}}{{#json}}event{{/json}}")
    assert render_body(a_flag_event(), view, {"active": 1}) == render_body(
        a_flag_event(), view, {"active": 1}
    )
