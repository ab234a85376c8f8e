"""Trying templates out over HTTP (reference row IZ-6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.client import Client

EVENT = {
    "type": "feature-created",
    "id": "e-1",
    "occurred_at": "2026-11-22T11:00:00.000Z",
    "actor": {"id": "u1", "name": "Ann"},
    "data": {"name": 'say "hi"'},
}


def preview(client: Client, **body: Any) -> Any:
    reply = client("POST", "/templates/preview", {"event": EVENT} | body)
    assert reply.status == 200, reply.text
    return reply.json


def test_a_template_is_rendered_as_it_would_be_sent(client: Client) -> None:
    template = '{"text": "{{event.createdBy}} made {{event.data.name}}"}'
    assert preview(client, template=template) == {
        "body": '{"text": "Ann made say \\"hi\\""}',
        "content_type": "application/json",
        "valid": True,
    }


def test_the_escape_follows_the_content_type(client: Client) -> None:
    shown = preview(client, template="{{event.data.name}}", content_type="text/plain")
    assert shown == {"body": 'say "hi"', "content_type": "text/plain", "valid": True}


def test_an_invalid_result_says_what_is_wrong_with_it(client: Client) -> None:
    shown = preview(client, template='{"text": {{event.type}}}')
    assert shown["valid"] is False
    assert "JSON" in shown["problem"]


def test_the_webhook_can_be_made_up_too(client: Client) -> None:
    shown = preview(
        client, template='"{{webhook.name}} {{webhook.user}}"', webhook={"name": "n", "user": "ann"}
    )
    assert shown["body"] == '"n ann"'


def test_activation_is_computed_for_context_and_user(client: Client) -> None:
    feature = {"id": "f", "name": "f", "strategies": {"": {"enabled": True}, "prod": {}}}
    feature["strategies"] = {"": {"enabled": False, "resultType": "boolean", "conditions": []}}
    body = {"event": EVENT | {"feature": feature}, "webhook": {"user": "ann"}}
    reply = client("POST", "/templates/preview", body | {"template": "{{payload.active}}"})
    assert reply.json["body"] == "false"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"template": "{{#open}}"}, ["template"]),
        ({"template": "x", "content_type": "nonsense"}, ["content_type"]),
        ({"template": "x", "event": {"type": "", "id": 7}}, ["event.type", "event.id"]),
        ({"event": None}, ["event"]),
        ({"event": "x"}, ["event"]),
        ({"webhook": {"name": 1, "colour": 2}}, ["webhook.name", "webhook.colour"]),
        ({"colour": 1}, ["colour"]),
    ],
)
def test_a_preview_against_the_rules_names_the_fields(
    client: Client, body: dict[str, Any], fields: list[str]
) -> None:
    reply = client("POST", "/templates/preview", {"event": EVENT} | body)
    assert (reply.status, reply.fields) == (422, fields)


def test_a_hostile_template_ends_with_a_problem_and_not_with_an_outage(client: Client) -> None:
    many = "{{#event.data.l}}" * 7 + "x" + "{{/event.data.l}}" * 7
    event = EVENT | {"data": {"l": [1] * 10}}
    shown = preview(client, template=many, event=event)
    assert (shown["valid"], shown["body"]) == (False, "")
