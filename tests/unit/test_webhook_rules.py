"""Every field of a webhook has a value that is refused, by its path and with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.times import iso
from hookline.domain.webhook.document import document_of, patched, webhook_of
from hookline.domain.webhook.fields import READ_ONLY, WebhookFields
from hookline.domain.webhook.rules import Record
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import (
    PLAIN,
    BearerAuth,
    PlainFields,
    RetryPolicy,
    Scope,
    Webhook,
)
from hookline.errors import FieldError, Rejected
from tests.builders import NOW, PRINCIPAL, TENANT, WEBHOOK_ID

RULES = Surroundings(allow_http=False, retention=timedelta(days=30))
SECRET = "whsec_" + "A" * 32
RECORD = Record(
    tenant=TENANT,
    id=WEBHOOK_ID,
    version=1,
    created_at=NOW,
    created_by=PRINCIPAL,
    updated_at=NOW,
    updated_by=PRINCIPAL,
)
MINIMAL = {"name": "deploys", "url": "https://example.com/hook", "events": ["flow.*"]}


def made(rules: Surroundings = RULES, **fields: Any) -> Webhook:
    webhook, _ = webhook_of(MINIMAL | fields, RECORD, rules, fresh_secret=SECRET)
    return webhook


def errors_of(document: dict[str, Any], rules: Surroundings = RULES) -> tuple[FieldError, ...]:
    with pytest.raises(Rejected) as refusal:
        webhook_of(document, RECORD, rules, fresh_secret=SECRET)
    return refusal.value.errors


def test_three_fields_make_a_webhook_and_the_rest_has_defaults() -> None:
    webhook = made()
    assert (webhook.method, webhook.content_type, webhook.enabled) == (
        "POST",
        "application/json",
        True,
    )
    assert webhook.retry == RetryPolicy()
    assert webhook.timeout == timedelta(seconds=10)
    assert webhook.signatures == ("standard",)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "name", "1 to 200"),
    ({"name": "x" * 201}, "name", "1 to 200"),
    ({"name": 7}, "name", "string"),
    ({"name": "two\nlines"}, "name", "control"),
    ({"name": None}, "name", "required"),
    ({"description": "x" * 501}, "description", "500"),
    ({"url": None}, "url", "required"),
    ({"url": "https://example.com/" + "x" * 2048}, "url", "2048"),
    ({"url": "http://example.com/"}, "url", ""),
    ({"url": "https://user:secret@example.com/"}, "url", ""),
    ({"url": "https://127.0.0.1/"}, "url", ""),
    ({"url": "not a url"}, "url", ""),
    ({"method": "DELETE"}, "method", "POST, PUT, PATCH, GET"),
    ({"content_type": "nonsense"}, "content_type", "media type"),
    ({"content_type": "text/plain"}, "content_type", "body_template"),
    ({"headers": []}, "headers", "object"),
    ({"headers": {"X-A": 1}}, "headers.X-A", "string"),
    ({"headers": {"Host": "x"}}, "headers.Host", "platform"),
    ({"headers": {"webhook-id": "x"}}, "headers.webhook-id", "platform"),
    ({"headers": {"X-Hookline-Event": "x"}}, "headers.X-Hookline-Event", "platform"),
    ({"headers": {"bad name": "x"}}, "headers.bad name", "header name"),
    ({"headers": {"X-A": "a\r\nb"}}, "headers.X-A", "ASCII"),
    ({"headers": {f"X-{n}": "v" * 1000 for n in range(50)}}, "headers", "40,480"),
    ({"headers": {"X-Token": "*****"}}, "headers.X-Token", "nothing stored"),
    ({"enabled": "yes"}, "enabled", "true or false"),
    ({"events": None}, "events", "required"),
    ({"events": []}, "events", "at least one"),
    ({"events": ["a"] * 46}, "events", "45"),
    ({"events": ["a", "a"]}, "events.1", "twice"),
    ({"events": ["a", "b*"]}, "events.1", "prefix"),
    ({"events": [7]}, "events.0", "string"),
    ({"scope": {"projects": ["p"] * 101}}, "scope.projects", "100"),
    ({"scope": {"entities": [""]}}, "scope.entities.0", "characters"),
    ({"scope": {"environments": "production"}}, "scope.environments", "list"),
    ({"scope": {"other": []}}, "scope.other", "known"),
    ({"scope": {"projects": [f"{n}-" + "é" * 250 for n in range(100)]}}, "scope", "bytes"),
    ({"filter": "data.["}, "filter", "at character"),
    ({"filter": "a" * 4097}, "filter", "4096"),
    ({"context": ""}, "context", "characters"),
    ({"user": 1}, "user", "string"),
    ({"body_template": "{{#open}}"}, "body_template", "line 1"),
    ({"body_template": "x" * 131_073}, "body_template", "131072"),
    ({"include_entity": 1}, "include_entity", "true or false"),
    ({"secret": "short"}, "secret", "whsec_"),
    ({"secret": "whsec_AAAA"}, "secret", "24 to 64"),
    ({"secret": "*****"}, "secret", "nothing stored"),
    ({"signatures": ["md5"]}, "signatures.0", "standard"),
    ({"auth": {}}, "auth.type", "required"),
    ({"auth": {"type": "digest"}}, "auth.type", "basic, bearer"),
    ({"auth": {"type": "basic", "username": "u"}}, "auth.password", "required"),
    ({"auth": {"type": "basic", "username": "a:b", "password": "p"}}, "auth.username", "colon"),
    ({"auth": {"type": "bearer", "token": "a\u00e9"}}, "auth.token", "ASCII"),
    ({"auth": {"type": "bearer", "token": "*****"}}, "auth.token", "nothing stored"),
    ({"auth": {"type": "bearer", "token": "t", "username": "u"}}, "auth.username", "known"),
    ({"ca_certificate": "nonsense"}, "ca_certificate", "certificate"),
    ({"timeout_seconds": 0.5}, "timeout_seconds", "1 to 30"),
    ({"timeout_seconds": 31}, "timeout_seconds", "1 to 30"),
    ({"timeout_seconds": True}, "timeout_seconds", "number"),
    ({"retry": {"initial_delay_seconds": 0}}, "retry.initial_delay_seconds", "1 to 43200"),
    ({"retry": {"multiplier": 11}}, "retry.multiplier", "1 to 10"),
    ({"retry": {"max_delay_seconds": 43_201}}, "retry.max_delay_seconds", "43200"),
    ({"retry": {"max_attempts": 0}}, "retry.max_attempts", "from 1"),
    ({"retry": {"max_attempts": 1.5}}, "retry.max_attempts", "whole"),
    ({"retry": {"max_age_seconds": 59}}, "retry.max_age_seconds", "60"),
    ({"retry": {"max_age_seconds": 1_209_601}}, "retry.max_age_seconds", "1209600"),
    ({"rate_limit": {"per_second": 0}}, "rate_limit.per_second", "0.01"),
    ({"rate_limit": {}}, "rate_limit.per_second", "required"),
    ({"colour": "red"}, "colour", "known"),
    ({"id": "wh_x"}, "id", "server"),
]


@pytest.mark.parametrize(
    ("fields", "path", "reason"), REFUSED, ids=[f"{n}-{row[1]}" for n, row in enumerate(REFUSED)]
)
def test_a_refused_value_is_named_by_its_path(
    fields: dict[str, Any], path: str, reason: str
) -> None:
    errors = errors_of(MINIMAL | fields)
    assert [error.field for error in errors] == [path]
    assert reason in errors[0].message


def test_all_errors_come_at_once_of_shape_and_rules_together() -> None:
    errors = errors_of(
        {
            "url": "http://127.0.0.1",
            "events": ["ok", 7, "b*"],
            "enabled": "no",
            "retry": {"multiplier": 0, "max_attempts": "many"},
            "colour": "red",
        }
    )
    assert {error.field for error in errors} == {
        "name",
        "url",
        "events.1",
        "events.2",
        "enabled",
        "retry.multiplier",
        "retry.max_attempts",
        "colour",
    }


def test_a_secret_value_is_in_no_error() -> None:
    planted = "pl4nted-\u00e9-value"
    errors = errors_of(
        MINIMAL
        | {
            "secret": planted,
            "headers": {"X-Api-Key": planted},
            "auth": {"type": "bearer", "token": planted},
        }
    )
    assert len(errors) == 3
    assert not any(planted in error.message for error in errors)


def test_secrets_that_do_not_fit_together_are_refused() -> None:
    errors = errors_of(MINIMAL | {"headers": {"X-Token": "t" * 4_000}})
    assert errors[0].field == "headers"
    assert "4,000 bytes" in errors[0].message


def test_a_credential_is_as_long_as_fits_beside_the_other_secrets() -> None:
    assert made(auth={"type": "bearer", "token": "t" * 3_800}).auth == BearerAuth()
    for length in (3_900, 4_001):
        auth = {"type": "basic", "username": "u", "password": "p" * length}
        assert errors_of(MINIMAL | {"auth": auth})[0].field in ("auth", "auth.password")


def test_auth_excludes_an_authorization_header() -> None:
    errors = errors_of(
        MINIMAL
        | {
            "headers": {"authorization": "Bearer x"},
            "auth": {"type": "bearer", "token": "t"},
        }
    )
    assert [error.field for error in errors] == ["auth"]


def test_the_age_must_stay_below_the_retention_of_events() -> None:
    rules = Surroundings(allow_http=False, retention=timedelta(days=12))
    assert made(rules).retry.max_age == timedelta(days=10)
    errors = errors_of(MINIMAL | {"retry": {"max_age_seconds": 12 * 86_400}}, rules)
    assert errors[0].field == "retry.max_age_seconds"


def test_http_is_taken_where_the_stack_allows_it() -> None:
    rules = Surroundings(allow_http=True, retention=timedelta(days=30))
    assert made(rules, url="http://example.com/").url == "http://example.com/"


def test_any_media_type_goes_with_a_template() -> None:
    webhook = made(content_type="text/plain; charset=utf-8", body_template="{{event.id}}")
    assert webhook.content_type == "text/plain; charset=utf-8"


def test_a_star_in_a_scope_stands_for_all_as_un_1_has_it() -> None:
    scope = {"projects": ["*"], "entities": ["e"], "environments": ["*"]}
    assert made(scope=scope).scope == Scope()
    assert made(scope=scope).scope.is_global


def test_the_operational_events_can_be_subscribed_to_by_name() -> None:
    assert made(events=["hookline.*", "hookline.delivery.failed"]).events == (
        "hookline.*",
        "hookline.delivery.failed",
    )


def test_null_stands_for_absent() -> None:
    assert made(filter=None, retry=None, auth=None, rate_limit=None, scope=None) == made()


def test_what_is_read_can_be_written_again() -> None:
    webhook = made(
        headers={"X-A": "1"},
        scope={"projects": ["b", "a"]},
        retry={"max_attempts": 5, "multiplier": 1.5},
        rate_limit={"per_second": 2},
        signatures=["hmac-sha1", "standard"],
        filter="data.rows > `3`",
    )
    again = patched(webhook, {})
    again["secret"] = SECRET
    assert webhook_of(again, RECORD, RULES, fresh_secret="")[0] == webhook


def test_a_whole_answer_can_be_edited_and_sent_back() -> None:
    webhook = made()
    answer = document_of(webhook) | {
        "id": webhook.id,
        "version": webhook.version,
        "health": {"state": "healthy"},
        "updated_at": iso(webhook.updated_at),
    }
    assert patched(webhook, answer | {"name": "other"})["name"] == "other"
    assert "id" not in patched(webhook, answer)


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_what_only_the_server_sets_does_not_pass_silently(name: str) -> None:
    document = patched(made(), {name: 3}) | {"secret": SECRET}
    assert [error.field for error in errors_of(document)] == [name]


def test_a_plain_field_has_one_default_wherever_it_is_declared() -> None:
    webhook = made()
    assert set(PLAIN) <= set(WebhookFields.fields)
    declared = {name: WebhookFields.fields[name].default for name in PLAIN}
    assert {name: getattr(webhook, name) for name in PLAIN} == declared | {
        "name": "deploys",
        "url": "https://example.com/hook",
        "template_language": "mustache",  # by the format
    }
    bare = PlainFields(name=webhook.name, url=webhook.url)
    assert all(getattr(bare, name) == getattr(webhook, name) for name in PLAIN)


def test_a_fixed_field_cannot_be_changed() -> None:
    assert patched(made(), {"id": "wh_other"})["id"] == "wh_other"  # and is refused as unknown
    assert errors_of(patched(made(), {"id": "wh_other", "secret": SECRET}))[0].field == "id"


def test_an_auth_of_another_type_replaces_the_one_that_stands() -> None:
    webhook = made(auth={"type": "basic", "username": "u", "password": "p"})
    merged = patched(webhook, {"auth": {"type": "bearer", "token": "t"}})
    assert merged["auth"] == {"type": "bearer", "token": "t"}
