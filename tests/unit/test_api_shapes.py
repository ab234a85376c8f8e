"""What answers hold is what their shapes declare."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.shape import Object
from hookline.domain.event.event import event_document
from hookline.domain.event.fields import EventFields
from hookline.domain.event.rules import event_of
from hookline.domain.identity.acts import Level
from hookline.domain.ids import EventId, TenantId
from hookline.domain.webhook.document import document_of, webhook_of
from hookline.domain.webhook.fields import READ_ONLY, WebhookFields
from hookline.domain.webhook.surroundings import Surroundings
from hookline_api.schemas import webhook as webhooks
from hookline_api.views.webhook import webhook_item_json, webhook_json
from tests.builders import NOW, a_health, a_webhook
from tests.unit.test_webhook_rules import MINIMAL, RECORD, SECRET


def test_a_webhooks_document_has_the_fields_that_can_be_set() -> None:
    assert list(document_of(a_webhook())) == list(WebhookFields.fields)


def test_a_webhooks_answer_has_those_and_the_read_only_ones() -> None:
    answer = webhook_json(a_webhook(), a_health(), Level.READ)
    known = {name for name, field in webhooks.Webhook.fields.items() if not field.rare}
    assert set(answer) == known == set(WebhookFields.fields) | READ_ONLY
    item = webhook_item_json(a_webhook(), a_health(), Level.READ)
    fields = webhooks.WebhookItem.fields
    assert set(item) == {name for name, field in fields.items() if not field.rare}


@pytest.mark.parametrize("name", ["scope", "retry"])
def test_the_objects_within_have_the_fields_of_their_shapes(name: str) -> None:
    inner = document_of(a_webhook())[name]
    assert isinstance(inner, dict)
    kind = WebhookFields.fields[name].kind
    assert isinstance(kind, Object)
    assert set(inner) == set(kind.shape.fields)


def test_an_events_document_has_no_field_beyond_its_shape_and_the_servers_own() -> None:
    event = event_of({"type": "a", "data": 1}, TenantId("t"), NOW, EventId("e"))
    assert set(event_document(event)) <= set(EventFields.fields) | {"timestamp", "tenant"}


def test_what_a_webhook_has_by_default_can_be_written() -> None:
    rules = Surroundings(allow_http=False, retention=timedelta(days=30))
    webhook, _ = webhook_of(MINIMAL, RECORD, rules, fresh_secret=SECRET)
    findings = Findings()
    WebhookFields.read(document_of(webhook), findings)
    assert findings.errors == []
