"""What four systems send, sent as they send it: their examples in, their bodies and headers out.

Each test has the number of a row of the systems that Hookline replaces, and names its source. Where
ours differs it says so: ids of webhooks are texts, and times have milliseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hookline.domain.delivery.call import Call
from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Actor, Event
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.net.header_rules import FORM
from hookline.domain.request.request import Prepared, Target, prepare
from hookline.domain.webhook.document import webhook_of
from hookline.domain.webhook.surroundings import Surroundings
from hookline.errors import Rejected
from tests.builders import NOW, a_delivery, an_event
from tests.unit.test_webhook_rules import MINIMAL, RECORD

RULES = Surroundings(allow_http=False, retention=timedelta(days=30))
TEMPLATES = Path(__file__).parents[2] / "catalogue" / "templates"
FRESH = "whsec_" + "A" * 44


def sent(event: Event, **fields: Any) -> Call:
    """The call for a webhook that is saved with these fields."""
    webhook, secrets = webhook_of(
        MINIMAL | fields, replace(RECORD, id=WebhookId("wh_1")), RULES, fresh_secret=FRESH
    )
    activation = None
    if event.feature is not None:
        found = activation_of(event.feature, webhook.context, webhook.user, NOW)
        activation = found.as_plain()
    made = prepare(
        Target(webhook, secrets), event, replace(a_delivery(), activation=activation), NOW, RULES
    )
    assert isinstance(made, Prepared), made
    return made.call


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


# Izanami. The payload is that of its page on webhooks; its manual says that templates are
# Handlebars, and its tests (test/fr/maif/izanami/api/WebhookAPISpec.scala, MAIF/izanami) which.

BASE = {"enabled": False, "resultType": "boolean", "conditions": []}
STRATEGIES = {
    "": {
        "enabled": True,
        "resultType": "boolean",
        "conditions": [
            {
                "period": {
                    "begin": "2024-06-16T22:00:00Z",
                    "end": None,
                    "hourPeriods": [{"startTime": "08:00:00", "endTime": "23:00:00"}],
                    "activationDays": {"days": ["MONDAY"]},
                    "timezone": "Europe/Paris",
                },
                "rule": {"percentage": 25},
            },
            {"period": None, "rule": {"users": ["foo"]}},
        ],
    },
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


# Unleash: src/lib/addons/webhook.test.ts and its snapshots, in npm unleash-server 7.5.1.


def an_unleash_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("1"),
        "type": "feature-created",
        "occurred_at": datetime(2024, 7, 24, tzinfo=UTC),
        "actor": Actor("-1337", "some@user.com"),
        "project": "default",
        "entity_id": "some-toggle",
        "data": {"name": "some-toggle", "enabled": False, "strategies": [{"name": "default"}]},
    }
    return an_event(**(values | overrides))


UNLEASH = {
    "id": 1,
    "type": "feature-created",
    "createdBy": "some@user.com",
    "createdAt": "2024-07-24T00:00:00.000Z",
    "data": {"name": "some-toggle", "enabled": False, "strategies": [{"name": "default"}]},
    "preData": None,
    "tags": [],
    "featureName": "some-toggle",
    "project": "default",
    "environment": None,
}


def test_un_4_the_default_body_is_the_event_itself() -> None:
    call = sent(an_unleash_event(), format="unleash")
    assert call.body == compact(UNLEASH)
    assert call.headers["Content-Type"] == "application/json"
    tagged = an_unleash_event(tags=[{"type": "simple", "value": "x"}], environment="production")
    body = json.loads(sent(tagged, format="unleash").body or b"")
    assert body["tags"] == [{"type": "simple", "value": "x"}]
    assert body["environment"] == "production"


def test_un_3_the_page_s_template_renders_as_it_stands() -> None:
    # The page's example; the second one is the placeholder of webhook-definition.ts.
    event = an_unleash_event(data={"name": 'say "hi"\n', "createdAt": "2024-07-24T00:00:00.000Z"})
    template = """{
  "event": "{{event.type}}",
  "createdBy": "{{event.createdBy}}",
  "featureToggle": "{{event.data.name}}",
  "timestamp": "{{event.data.createdAt}}"
}"""
    assert sent(event, format="unleash", body_template=template).body == (
        b'{\n  "event": "feature-created",\n  "createdBy": "some@user.com",\n'
        b'  "featureToggle": "say \\"hi\\"\\n",\n  "timestamp": "2024-07-24T00:00:00.000Z"\n}'
    )


def test_un_3_event_json_is_a_string_of_the_event_and_event_markdown_a_sentence() -> None:
    template = '{\n  "json": {{{eventJson}}},\n  "markdown": "{{eventMarkdown}}"\n}'
    call = sent(
        an_unleash_event(), format="unleash", body_template=template, content_type="text/plain"
    )
    body = json.loads(call.body or b"")
    assert body["json"] == compact(UNLEASH).decode()
    assert body["markdown"] == "*some@user.com* created *some-toggle* in project *default*"


def test_un_3_text_is_plain_where_the_content_type_says_so() -> None:
    call = sent(
        an_unleash_event(),
        format="unleash",
        body_template="{{event.type}} on toggle {{event.data.name}}",
        content_type="text/plain",
    )
    assert call.body == b"feature-created on toggle some-toggle"
    assert call.headers["Content-Type"] == "text/plain"


LINK = "https://unleash.example.com/projects/default/features/some-toggle"
SENTENCE = "*some@user.com* created *some-toggle* in project *default*"
INTEGRATIONS = {
    "slack": {
        "username": "Unleash",
        "icon_emoji": ":unleash:",
        "text": SENTENCE,
        "channel": "#general",
        "attachments": [
            {
                "actions": [
                    {
                        "name": "featureToggle",
                        "text": "Open in Unleash",
                        "type": "button",
                        "value": "featureToggle",
                        "style": "primary",
                        "url": LINK,
                    }
                ]
            }
        ],
    },
    "teams": {
        "themeColor": "0076D7",
        "summary": "Message",
        "sections": [
            {
                "activityTitle": SENTENCE,
                "activitySubtitle": "Unleash notification update",
                "facts": [
                    {"name": "User", "value": "some@user.com"},
                    {"name": "Action", "value": "feature-created"},
                ],
            }
        ],
        "potentialAction": [
            {
                "@type": "OpenUri",
                "name": "Go to feature",
                "targets": [{"os": "default", "uri": LINK}],
            }
        ],
    },
    "datadog": {
        "text": f"%%% \n {SENTENCE} \n %%% ",
        "title": "Unleash notification update",
        "tags": ["simple:a", "simple:b"],
    },
    "new-relic": {
        "eventType": "UnleashServiceEvent",
        "unleashEventType": "feature-created",
        "featureName": "some-toggle",
        "createdBy": "some@user.com",
        "createdAt": 1721779200000,
        "name": "some-toggle",
        "enabled": False,
        "strategies": [{"name": "default"}],
    },
}


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_un_3_its_other_integrations_are_templates_that_ship(name: str) -> None:
    # src/lib/addons/{slack,teams,datadog,new-relic}.ts: the bodies, but for their sentence.
    template = (TEMPLATES / f"unleash-{name}.handlebars").read_text(encoding="utf-8")
    tags = [{"type": "simple", "value": value} for value in "ab"]
    call = sent(
        an_unleash_event(tags=tags),
        format="unleash",
        template_language="handlebars",
        body_template=template,
    )
    assert call.body == compact(INTEGRATIONS[name])


def test_un_1_authorization_and_custom_headers_are_sent_as_they_are() -> None:
    # "Should format event with authorization" and "… customHeaders" of webhook.test.ts.
    headers = {"Authorization": "API KEY 123abc", "MY_CUSTOM_HEADER": "MY_CUSTOM_VALUE"}
    call = sent(an_unleash_event(), format="unleash", headers=headers)
    assert headers.items() <= call.headers.items()
    assert not [name for name in call.headers if name.startswith("X-")]


# APIIDA: the event and its payload, as its page on the event has them (catalogue/apiida.json).


def test_ap_2_the_payload_is_the_event_s_own() -> None:
    catalogue = json.loads((TEMPLATES.parent / "apiida.json").read_text(encoding="utf-8"))
    for entry in catalogue["event_types"]:
        event = an_event(
            type=entry["type"],
            data=entry["example"],
            occurred_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        )
        assert sent(event, format="apiida").body == compact(
            {
                "type": entry["type"],
                "data": entry["example"],
                "timestamp": "2026-11-22T12:00:00.000Z",
            }
        )


# Etlworks: the examples of its page on webhooks.

ETL_SECRET = "my-etlworks-secret"


def an_etlworks_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("7027e72b-9005-4fcc-8385-8da47249136a"),
        "type": "Flow.Executed",
        "occurred_at": datetime(2020, 5, 2, 14, 20, 0, 207_000, UTC),
        "entity_id": "11225",
        "entity_url": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
        "entity": {"name": "nightly"},
        "data": None,
    }
    return an_event(**(values | overrides))


def test_et_4_the_json_body_is_the_page_s() -> None:
    assert sent(an_etlworks_event(), format="etlworks").body == compact(
        {
            "eventId": "7027e72b-9005-4fcc-8385-8da47249136a",
            "eventType": "Flow.Executed",
            "webhookId": "wh_1",
            "entityId": 11225,
            "entity": {"name": "nightly"},
            "entityUrl": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
            "timestamp": 1588429200207,
        }
    )


def test_et_4_the_form_has_the_same_keys() -> None:
    event = an_etlworks_event(
        id=EventId("32f54fa6-41ae-432e-a720-4373bdf72e6d"),
        occurred_at=datetime(2020, 4, 29, 13, 5, 0, 224_000, UTC),
        entity_id="11157",
        entity_url=None,
        entity=None,
    )
    call = sent(event, format="etlworks", content_type=FORM)
    assert call.body == (
        b"eventId=32f54fa6-41ae-432e-a720-4373bdf72e6d&eventType=Flow.Executed&webhookId=wh_1"
        b"&entityId=11157&timestamp=1588165500224"
    )
    assert call.headers["Content-Type"] == FORM


def test_et_5_the_entity_goes_in_only_when_it_is_selected() -> None:
    body = sent(an_etlworks_event(), format="etlworks", include_entity=False).body or b""
    assert b'"entity"' not in body
    assert b'"entityId":11225' in body


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_et_3_the_five_headers_are_there_whatever_the_method(method: str) -> None:
    call = sent(an_etlworks_event(), format="etlworks", method=method)
    told = {name: value for name, value in call.headers.items() if name.startswith("X-")}
    told.pop("X-Etl-Webhook-Signature", None)
    assert told == {
        "X-Etl-Webhook-Event-Id": "7027e72b-9005-4fcc-8385-8da47249136a",
        "X-Etl-Webhook-Event": "Flow.Executed",
        "X-Etl-Webhook-Id": "wh_1",
        "X-Etl-Webhook-Entity-Id": "11225",
        "X-Etl-Webhook-Entity-URL": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
    }


def test_et_8_the_signature_is_the_sha_1_of_the_body_with_the_plain_secret_on_post() -> None:
    call = sent(an_etlworks_event(), format="etlworks", secret=ETL_SECRET)
    expected = hmac.new(ETL_SECRET.encode(), call.body or b"", hashlib.sha1).hexdigest()
    assert call.headers["X-Etl-Webhook-Signature"] == expected
    got = sent(an_etlworks_event(), format="etlworks", secret=ETL_SECRET, method="GET")
    assert "X-Etl-Webhook-Signature" not in got.headers
    assert got.body is None


def test_et_9_and_et_10_basic_authentication_and_custom_headers() -> None:
    call = sent(
        an_etlworks_event(),
        format="etlworks",
        auth={"type": "basic", "username": "user", "password": "passwd"},
        headers={"X-Any": "1"},
    )
    assert call.headers["Authorization"] == "Basic dXNlcjpwYXNzd2Q="
    assert call.headers["X-Any"] == "1"


@pytest.mark.parametrize("format_", ["izanami", "unleash", "apiida", "etlworks"])
def test_a_test_call_says_so_in_every_format(format_: str) -> None:
    call = sent(an_event(test=True), format=format_)
    assert call.headers["X-Hookline-Test"] == "true"
    assert json.loads(call.body or b"")["test"] is True
    form = sent(an_event(test=True), format=format_, content_type=FORM).body or b""
    assert ("test", "true") in parse_qsl(form.decode())


@pytest.mark.parametrize("format_", ["izanami", "unleash", "apiida", "etlworks"])
def test_a_call_can_be_told_from_its_repeats_in_every_format(format_: str) -> None:
    assert sent(an_event(), format=format_).headers["webhook-id"] == an_event().id
