"""What Unleash sends, sent as it sends it: the examples of its pages in, their bodies out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hookline.domain.event.event import Actor, Event
from hookline.domain.ids import EventId
from tests.builders import an_event
from tests.unit.moved import TEMPLATES, compact, sent

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
