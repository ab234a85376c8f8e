"""What was saved without a word and did not do what it says: refused, or made to."""

from __future__ import annotations

import pytest

from hookline.adapters.dynamo.webhook.webhook_item import from_item, to_item
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.templates import check_template, render
from hookline.domain.webhook.document import webhook_of
from hookline.errors import Rejected
from tests.builders import a_webhook
from tests.unit.test_webhook_rules import MINIMAL, RECORD, RULES, SECRET

HANDLEBARS = [
    "{{#if a}}{{else}}{{/if}}",
    "{{else}}",
    "{{this}}",
    "{{this.name}}",
    "{{payload/name}}",
    "{{../type}}",
    "{{@index}}",
    "{{payload.[name]}}",
    "{{~x~}}",
    "{{upper x}}",
    "{{#each tags}}{{/each}}",
    "{{{lookup a 'b'}}}",
    '{{"a"}}',
    "{{#json}}../type{{/json}}",
]


@pytest.mark.parametrize("template", HANDLEBARS)
def test_handlebars_in_a_mustache_template_is_refused_and_says_so(template: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        check_template(f"a\n {template}")
    assert "is Handlebars" in caught.value.message
    assert caught.value.line == 2


@pytest.mark.parametrize("template", ["{{else}}x", "{{payload/name}}x", "{{upper a}}x"])
def test_one_that_is_stored_prints_what_it_did(template: str) -> None:
    assert render(template, {"a": 1}, "text/plain") == "x"


@pytest.mark.parametrize("name", ["Content-Type", "content-TYPE"])
def test_a_content_type_among_the_headers_is_refused_and_points_at_the_field(name: str) -> None:
    document = MINIMAL | {"headers": {name: "text/html"}}
    with pytest.raises(Rejected) as caught:
        webhook_of(document, RECORD, RULES, fresh_secret=SECRET)
    (error,) = caught.value.errors
    assert error.field == f"headers.{name}"
    assert "content_type" in error.message


def test_one_that_is_stored_becomes_the_content_type_that_it_was_on_the_wire() -> None:
    stored = to_item(a_webhook(headers={"content-type": "text/html", "X-Team": "a"}))
    webhook = from_item(stored)
    assert webhook.content_type == "text/html"
    assert webhook.headers == {"X-Team": "a"}
