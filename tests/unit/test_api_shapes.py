"""The shapes that the OpenAPI document is made of name the very fields that the rules read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from hookline.domain.event.patterns import MAX_PATTERN, validate_pattern, validate_type
from hookline.domain.event.payload import event_document
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId
from hookline.domain.webhook.document import document_of, webhook_of
from hookline.domain.webhook.fields import READ_ONLY
from hookline.domain.webhook.surroundings import Surroundings
from hookline.errors import Rejected
from hookline_api.schemas import event as events
from hookline_api.schemas import recover
from hookline_api.schemas import webhook as webhooks
from hookline_api.views.webhook import webhook_item_json, webhook_json
from tests.builders import NOW, a_health, a_webhook
from tests.unit.test_webhook_rules import MINIMAL, RECORD, SECRET


def names(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_a_webhooks_input_and_patch_have_the_fields_that_can_be_set() -> None:
    settable = set(document_of(a_webhook()))
    assert names(webhooks.WebhookInput) == settable
    assert names(webhooks.WebhookPatch) == settable


def test_a_webhooks_answer_has_those_and_the_read_only_ones() -> None:
    answer = webhook_json(a_webhook(), a_health())
    assert set(answer) == names(webhooks.Webhook) == names(webhooks.WebhookInput) | READ_ONLY
    assert set(webhook_item_json(a_webhook(), a_health())) == names(webhooks.WebhookItem)


@pytest.mark.parametrize(
    ("name", "model"),
    [("scope", webhooks.Scope), ("retry", webhooks.Retry)],
)
def test_the_objects_within_have_the_same_fields(name: str, model: type[BaseModel]) -> None:
    inner = document_of(a_webhook())[name]
    assert isinstance(inner, dict)
    assert set(inner) == names(model)


@pytest.mark.parametrize("name", sorted(events.EventInput.model_fields))
def test_every_field_of_the_events_shape_is_known_to_its_rules(name: str) -> None:
    with pytest.raises(Rejected) as refusal:
        event_of({name: ["no such value"], "unknown": 1}, TenantId("t"), NOW, EventId("e"))
    known = {error.field for error in refusal.value.errors if "known" in error.message}
    assert known == {"unknown"}


def test_an_events_document_has_no_field_beyond_its_shape_and_the_servers_own() -> None:
    event = event_of({"type": "a", "data": 1}, TenantId("t"), NOW, EventId("e"))
    assert set(event_document(event)) <= names(events.EventInput) | {"timestamp", "tenant"}


TYPES = ["a", "a.b:c-d_e", "a" * 128, "a" * 129, "*", "a.*", "a" * 127 + ".*", ".a", "é", "a\n", ""]


@pytest.mark.parametrize("text", TYPES)
def test_the_shapes_take_the_very_types_and_patterns_that_the_rules_take(text: str) -> None:
    is_type = validate_type(text) is None
    is_pattern = validate_pattern(text) is None and len(text) <= MAX_PATTERN
    for model, document, fine in (
        (events.EventInput, {"type": text}, is_type),
        (recover.TestInput, {"type": text}, is_type),
        (recover.RecoverInput, {"since": "2026-01-01", "types": [text]}, is_type),
        (webhooks.WebhookPatch, {"events": [text]}, is_pattern),
    ):
        assert fits(model, document) == fine, model


def fits(model: type[BaseModel], document: Mapping[str, object]) -> bool:
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def test_the_defaults_are_within_the_shape() -> None:
    rules = Surroundings(allow_http=False, retention=timedelta(days=30))
    webhook, _ = webhook_of(MINIMAL, RECORD, rules, fresh_secret=SECRET)
    document = {name: value for name, value in document_of(webhook).items() if value is not None}
    webhooks.WebhookInput.model_validate(document)
