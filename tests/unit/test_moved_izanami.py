"""What Izanami sends, sent as it sends it: the examples of its pages in, their bodies out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hookline.domain.event.event import Actor, Event
from hookline.domain.ids import EventId
from hookline.errors import Rejected
from tests.builders import an_event
from tests.unit.flags import REFERENCE
from tests.unit.moved import compact, sent

# Izanami. The payload is that of its page on webhooks; its manual says that templates are
# Handlebars, and its tests (test/fr/maif/izanami/api/WebhookAPISpec.scala, MAIF/izanami) which.

BASE = {"enabled": False, "resultType": "boolean", "conditions": []}

STRATEGIES = {
    "": REFERENCE,
    "prod/mobile": BASE,
}


def an_izanami_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("1802464900523491329"),
        "type": "FEATURE_UPDATED",
        "occurred_at": datetime(2024, 6, 16, 22, 14, 55, 120_000, UTC),
        "actor": Actor("author"),
        "project": "website",
        "entity_id": "f1",
        "data": None,
        "feature": {
            "id": "f1",
            "name": "summer-sales",
            "strategies": STRATEGIES,
            "previous_strategies": {"": BASE},
        },
    }
    return an_event(**(values | overrides))


IZANAMI = {
    "_id": 1802464900523491329,
    "timestamp": "2024-06-16T22:14:55.120Z",
    "type": "FEATURE_UPDATED",
    "id": "f1",
    "metadata": {"user": "author"},
    "payload": {
        "name": "summer-sales",
        "active": False,
        "project": "website",
        "conditions": STRATEGIES,
        "previousConditions": {"": BASE},
    },
}


def test_iz_4_the_call_carries_the_activation_for_the_hook_s_context_and_user() -> None:
    event = an_izanami_event()
    assert sent(event, format="izanami").body == compact(IZANAMI)
    foo = json.loads(sent(event, format="izanami", user="foo").body or b"")
    assert foo["payload"]["active"] is True
    mobile = json.loads(
        sent(event, format="izanami", user="foo", context="prod/mobile/app").body or b""
    )
    assert mobile["payload"]["active"] is False


def test_iz_3_a_created_feature_has_no_previous_conditions_and_a_deleted_one_is_its_id() -> None:
    feature = {"id": "f1", "name": "summer-sales", "strategies": STRATEGIES}
    created = an_izanami_event(type="FEATURE_CREATED", feature=feature)
    expected: dict[str, Any] = json.loads(json.dumps(IZANAMI)) | {"type": "FEATURE_CREATED"}
    del expected["payload"]["previousConditions"]
    assert sent(created, format="izanami").body == compact(expected)
    deleted = an_izanami_event(type="FEATURE_DELETED", feature=None, data={"name": "summer-sales"})
    assert sent(deleted, format="izanami").body == compact(
        {
            "_id": 1802464900523491329,
            "timestamp": "2024-06-16T22:14:55.120Z",
            "type": "FEATURE_DELETED",
            "payload": "f1",
            "details": {"name": "summer-sales", "project": "website"},
            "metadata": {"user": "author"},
        }
    )


@pytest.mark.parametrize(
    ("template", "body"),
    [
        # Its default template, which printed nothing for a hook without context and user.
        ('{"active": {{payload.active}}}', '{"active": false}'),
        ("{{#if payload.active}}on{{else}}off{{/if}} {{payload.name}}", "off summer-sales"),
        ("{{metadata.user}} {{type}} {{id}} {{_id}}",
         "author FEATURE_UPDATED f1 1802464900523491329"),
        ("{{#each payload.conditions}}{{@key}}={{enabled}}{{#unless @last}};{{/unless}}{{/each}}",
         "=true;prod/mobile=false"),
    ],
)  # fmt: skip
def test_iz_5_its_templates_are_handlebars(template: str, body: str) -> None:
    call = sent(an_izanami_event(), format="izanami", body_template=template)
    assert call.body == body.encode()
    assert call.headers["Content-Type"] == "application/json"


def test_iz_5_a_template_that_its_own_test_refuses_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        sent(an_izanami_event(), format="izanami", body_template='{"active": {{}')
    assert [error.field for error in caught.value.errors] == ["body_template"]
