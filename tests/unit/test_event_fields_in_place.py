"""Event fields in a webhook's url and headers: escaped for the place, the origin fixed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.adapters.dynamo.webhook.webhook_item import from_item, to_item
from hookline.domain.delivery.call import Call
from hookline.domain.mask import MASK
from hookline.domain.request.request import Prepared, Target, Unmade, prepare
from hookline.domain.webhook.document import patched, webhook_of
from hookline.domain.webhook.secrets import Kept
from hookline.errors import Rejected
from tests.builders import NOW, a_delivery, a_webhook, an_event, some_secrets
from tests.unit.test_webhook_rules import MINIMAL, RECORD, RULES

FRESH = "whsec_" + "A" * 44
URL = "https://example.com/in/{{event.entity_id}}?type={{event.type}}&n={{event.data.n}}"


def made(data: object = None, entity_id: str = "o-17", **fields: Any) -> Prepared | Unmade:
    webhook, secrets = webhook_of(MINIMAL | fields, RECORD, RULES, fresh_secret=FRESH)
    event = an_event(entity_id=entity_id, data=data)
    return prepare(Target(webhook, secrets), event, a_delivery(), NOW, RULES)


def sent(data: object = None, entity_id: str = "o-17", **fields: Any) -> Call:
    prepared = made(data, entity_id, **fields)
    assert isinstance(prepared, Prepared), prepared
    return prepared.call


def refused(**fields: Any) -> list[str]:
    with pytest.raises(Rejected) as caught:
        webhook_of(MINIMAL | fields, RECORD, RULES, fresh_secret=FRESH)
    return [f"{error.field}: {error.message}" for error in caught.value.errors]


@pytest.mark.parametrize("language", ["mustache", "handlebars"])
def test_path_and_query_hold_event_fields(language: str) -> None:
    call = sent({"n": 19.5}, url=URL, template_language=language)
    assert str(call.url) == "https://example.com/in/o-17?type=flow.executed&n=19.5"


@pytest.mark.parametrize(
    ("entity_id", "path"),
    [
        ("a/b?c=d&e#f", "/in/a%2Fb%3Fc%3Dd%26e%23f"),
        ("@evil.example", "/in/%40evil.example"),
        ("é ü", "/in/%C3%A9%20%C3%BC"),
        ("\\..\\", "/in/%5C..%5C"),
        ("%2e%2e", "/in/%252e%252e"),
    ],
)
def test_what_a_field_holds_stays_in_its_place(entity_id: str, path: str) -> None:
    assert (
        sent(entity_id=entity_id, url="https://example.com/in/{{event.entity_id}}").url.target
        == path
    )


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_whatever_an_event_holds_the_origin_is_the_one_that_was_saved(one: str, two: str) -> None:
    prepared = made({"n": two}, one, url=URL, headers={"X-A": "a {{event.data.n}} b"})
    if isinstance(prepared, Unmade):  # such as a path of two dots: no call at all
        assert prepared.outcome.kind == "template"
        return
    assert prepared.call.url.origin == "https://example.com"
    assert prepared.call.headers["X-A"].isprintable()
    assert prepared.call.headers["X-A"].isascii()


def test_a_dot_segment_is_an_attempt_that_failed_by_its_template() -> None:
    prepared = made(entity_id="..", url="https://example.com/in/{{event.entity_id}}/x")
    assert isinstance(prepared, Unmade)
    assert prepared.outcome.kind == "template"


@pytest.mark.parametrize(
    "url",
    [
        "https://{{event.entity_id}}/in",
        "https://example.com{{event.entity_id}}/in",
        "https://{{event.entity_id}}.example.com/in",
        "https://example.com:{{event.entity_id}}/in",
        "{{event.entity_url}}",
        "https://example.com{{#event}}/in{{/event}}",
    ],
)
def test_a_url_whose_origin_could_change_is_refused(url: str) -> None:
    assert any("origin is fixed" in each for each in refused(url=url))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "https://example.com/{{{event.entity_id}}}"}, "url: must have its fields in two"),
        ({"url": "https://example.com/{{&event.entity_id}}"}, "url: must have its fields in two"),
        ({"url": "https://example.com/{{#a}}"}, "url: The section a is never closed"),
        ({"url": "https://example.com/{{upper x}}"}, "url: upper x is Handlebars"),
        ({"headers": {"X-A": "{{{event.type}}}"}}, "headers.X-A: must have its fields in two"),
        ({"headers": {"X-A": "{{event.type"}}, "headers.X-A: The tag is never closed"),
        ({"headers": {"X-{{event.type}}": "a"}}, "is not a header name"),
    ],
)
def test_broken_or_unescaped_tags_are_refused(fields: dict[str, Any], says: str) -> None:
    assert any(says in each for each in refused(**fields))


def test_headers_hold_event_fields_and_no_line_breaks() -> None:
    call = sent(
        {"n": "x\r\nX-Evil: 1\u00e9"},
        headers={"X-Type": "{{event.type}}", "X-N": "<{{event.data.n}}>", "X-Plain": "as it is"},
    )
    assert call.headers["X-Type"] == "flow.executed"
    assert call.headers["X-N"] == "<x%0D%0AX-Evil: 1%C3%A9>"
    assert call.headers["X-Plain"] == "as it is"


def test_a_secret_header_may_hold_them_too_and_stays_masked() -> None:
    prepared = made(headers={"X-Api-Key": "k-{{event.entity_id}}"})
    assert isinstance(prepared, Prepared)
    assert prepared.call.headers["X-Api-Key"] == "k-o-17"
    assert dict(prepared.record.headers)["X-Api-Key"] == MASK


def test_credentials_stay_with_the_origin_of_a_url_with_fields() -> None:
    webhook, secrets = webhook_of(
        MINIMAL | {"url": URL, "auth": {"type": "bearer", "token": "let-me-in"}},
        RECORD,
        RULES,
        fresh_secret=FRESH,
    )
    kept = Kept(webhook, secrets, RULES)
    assert kept.at_origin_of("https://example.com/other/{{event.type}}")
    assert not kept.at_origin_of("https://example.org/{{event.type}}")
    with pytest.raises(Rejected):
        webhook_of(
            patched(webhook, {"url": "https://example.org/{{event.type}}"}),
            RECORD,
            RULES,
            fresh_secret="",
            kept=kept,
        )


# What the version before has written: no field of this one, and headers that meant themselves.

ITEM_OF_VERSION_0_1 = {
    "tenant": "acme",
    "item": "wh_01JDA0000000000000000000AA",
    "name": "orders",
    "url": "https://example.com/in",
    "description": "",
    "method": "POST",
    "content_type": "application/json",
    "headers": {"X-Literal": "{{event.type}}", "Content-Type": "application/vnd.api+json"},
    "enabled": True,
    "events": ["flow.*"],
    "scope": {"projects": [], "entities": [], "environments": []},
    "body_template": '{"n": "{{payload/name}}{{else}}", "t": "{{event.type}}"}',
    "include_entity": True,
    "sealed_secrets": "c2VhbGVk",
    "signatures": ["standard", "hmac-sha1"],
    "timeout_seconds": 10,
    "retry": {
        "initial_delay_seconds": 5,
        "multiplier": 3,
        "max_delay_seconds": 43200,
        "max_age_seconds": 864000,
    },
    "version": 4,
    "created_at": "2026-10-01T12:00:00.000Z",
    "created_by": "prn_01JDA0000000000000000000AA",
    "updated_at": "2026-10-01T12:00:00.000Z",
    "updated_by": "prn_01JDA0000000000000000000AA",
}  # fmt: skip


def test_a_webhook_of_the_version_before_behaves_as_it_did() -> None:
    webhook = from_item(ITEM_OF_VERSION_0_1)
    prepared = prepare(Target(webhook, some_secrets()), an_event(), a_delivery(), NOW, RULES)
    assert isinstance(prepared, Prepared)
    call = prepared.call
    assert (webhook.format, webhook.template_language) == ("hookline", "mustache")
    assert call.body == b'{"n": "", "t": "flow.executed"}'
    assert call.headers["X-Literal"] == "{{event.type}}"
    assert call.headers["Content-Type"] == "application/vnd.api+json"
    assert {"webhook-signature", "X-Hookline-Signature", "X-Hookline-Event"} <= call.headers.keys()


def test_it_can_be_edited_without_touching_what_would_be_refused_today() -> None:
    webhook = from_item(ITEM_OF_VERSION_0_1 | {"headers": {}})
    kept = Kept(webhook, some_secrets(), RULES)
    after, _ = webhook_of(
        patched(webhook, {"enabled": False}), RECORD, RULES, fresh_secret="", kept=kept
    )
    assert not after.enabled
    assert after.body_template == webhook.body_template


def test_items_of_this_version_read_as_they_were_written() -> None:
    webhook = a_webhook(
        headers={"X-A": "{{event.type}}"}, headers_hold_fields=True, format="izanami",
        template_language="handlebars",
    )  # fmt: skip
    assert from_item(to_item(webhook)) == webhook
