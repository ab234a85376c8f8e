"""What is legal and almost surely a mistake is said in the answer to a save, preview or dry run."""

from __future__ import annotations

from tests.worlds.client import Client

EVENT = {"type": "flow.executed", "data": {"name": "nightly", "paid": True}}
NEVER = 'type == "flow.executed"'


def test_a_filter_that_can_never_hold_is_doubted_when_it_is_saved(client: Client) -> None:
    made = client.a_webhook(filter=NEVER)
    (warning,) = made["warnings"]
    assert warning["field"] == "filter"
    assert '"flow.executed"' in warning["message"]
    mended = client("PATCH", f"/webhooks/{made['id']}", {"filter": "type == 'flow.executed'"})
    assert "warnings" not in mended.json
    again = client("PATCH", f"/webhooks/{made['id']}", {"filter": "data.paid == true"}).json
    assert [each["field"] for each in again["warnings"]] == ["filter"]
    assert "warnings" not in client("GET", f"/webhooks/{made['id']}").json


def test_a_whole_answer_with_warnings_can_be_sent_back(client: Client) -> None:
    made = client.a_webhook(filter=NEVER)
    whole = client("PATCH", f"/webhooks/{made['id']}", {"description": "x"}).json
    assert client("PATCH", f"/webhooks/{made['id']}", whole).status == 200


def test_a_dry_run_shows_what_each_side_came_to_and_warns(client: Client) -> None:
    client.a_webhook(filter=NEVER)
    (item,) = client("POST", "/events/dry-run", EVENT).json["items"]
    assert item["matched"] is False
    assert item["reason"] == ('its filter is not true for the event: "flow.executed" == null')
    assert [each["field"] for each in item["warnings"]] == ["filter"]


def test_a_preview_names_what_the_event_has_not(client: Client) -> None:
    template = "{{data.name}} {{event.nope}} {{data.nope}} {{#data.gone}}x{{/data.gone}}"
    asked = {"template": template, "content_type": "text/plain", "event": EVENT}
    shown = client("POST", "/templates/preview", asked).json
    assert shown["body"] == "nightly   "
    assert [each["message"] for each in shown["warnings"]] == [
        "the event has no event.nope: it prints nothing",
        "the event has no data.nope: it prints nothing",
    ]
    bars = asked | {"template_language": "handlebars", "template": "{{data.name}} {{data.nope}}"}
    assert len(client("POST", "/templates/preview", bars).json["warnings"]) == 1


def test_a_preview_speaks_as_a_format_does(client: Client) -> None:
    asked = {"event": EVENT | {"id": "17"}, "format": "unleash"}
    assert client("POST", "/templates/preview", asked).json["body"].startswith('{"id":17,"type":')
    template = {"template": "{{#if payload.paid}}yes{{else}}no{{/if}}", "format": "izanami"}
    reply = client("POST", "/templates/preview", asked | template | {"content_type": "text/plain"})
    assert reply.json["body"] == "no"
    mixed = client("POST", "/templates/preview", asked | {"template": "{{else}}"})
    assert mixed.fields == ["template"]


def test_the_public_key_of_an_asymmetric_scheme_is_shown_to_readers(client: Client) -> None:
    made = client.a_webhook(signatures=["standard-ed25519"])
    assert made["secret"].startswith("whsk_")
    reader = client.with_key(client.a_key(level="read"))
    shown = reader("GET", f"/webhooks/{made['id']}").json
    assert shown["public_key"].startswith("whpk_")
    assert shown["secret"] == "*****"
    rotated = client("POST", f"/webhooks/{made['id']}/secret/rotate", {})
    assert rotated.json["secret"].startswith("whsk_")
    assert client("GET", f"/webhooks/{made['id']}").json["public_key"] != shown["public_key"]


def test_another_format_brings_its_own_defaults_and_keeps_what_was_chosen(client: Client) -> None:
    made = client.a_webhook()
    path = f"/webhooks/{made['id']}"
    assert (made["format"], made["template_language"]) == ("hookline", "mustache")
    moved = client("PATCH", path, {"format": "etlworks"}).json
    assert moved["signatures"][0]["header"] == "X-Etl-Webhook-Signature"
    izanami = client("PATCH", path, {"format": "izanami"}).json
    assert (izanami["signatures"], izanami["template_language"]) == (["standard"], "handlebars")
    client("PATCH", path, {"signatures": ["hmac-sha1"], "body_template": "{{#if type}}a{{/if}}"})
    back = client("PATCH", path, {"format": "hookline"}).json
    assert (back["signatures"], back["template_language"]) == (["hmac-sha1"], "handlebars")
