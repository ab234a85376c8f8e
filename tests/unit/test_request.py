from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as StandardWebhook

from hookline.domain.delivery.delivery import Delivery
from hookline.domain.event.event import Event
from hookline.domain.mask import MASK
from hookline.domain.request.request import Prepared, Target, Unmade, prepare
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import BasicAuth, BearerAuth, Webhook, WebhookSecrets
from tests.builders import NOW, a_delivery, a_retrying_delivery, a_webhook, an_event, some_secrets

RULES = Surroundings(allow_http=False, retention=timedelta(days=30))


def prepared(
    webhook: Webhook | None = None,
    secrets: WebhookSecrets | None = None,
    delivery: Delivery | None = None,
    event: Event | None = None,
    rules: Surroundings = RULES,
) -> Prepared:
    made = prepare(
        Target(webhook or a_webhook(), secrets or some_secrets()),
        event or an_event(),
        delivery or a_delivery(),
        NOW,
        rules,
    )
    assert isinstance(made, Prepared)
    return made


def test_the_call_is_made_of_the_webhook_as_it_is_now() -> None:
    webhook = a_webhook(
        url="https://example.org/in?a=1",
        method="PUT",
        timeout=timedelta(seconds=3),
        headers={"X-Team": "blue"},
    )
    call = prepared(webhook).call
    assert (call.method, str(call.url), call.timeout) == (
        "PUT",
        "https://example.org/in?a=1",
        timedelta(seconds=3),
    )
    assert call.headers["X-Team"] == "blue"
    assert call.headers["Content-Type"] == "application/json"
    assert json.loads(call.body or b"")["id"] == an_event().id


def test_the_standard_library_for_receivers_verifies_what_is_signed() -> None:
    secrets = some_secrets()
    call = prepared(secrets=secrets).call
    headers = {name.lower(): value for name, value in call.headers.items()}
    signed = StandardWebhook(secrets.signing)
    # The library compares the timestamp with its own clock: check the signature alone.
    expected = signed.sign(headers["webhook-id"], NOW, (call.body or b"").decode())
    assert headers["webhook-signature"] == expected


def test_each_attempt_carries_its_number_and_the_same_id_and_body() -> None:
    first = prepared(delivery=a_delivery()).call
    second = prepared(delivery=a_retrying_delivery()).call
    assert first.headers["X-Hookline-Attempt"] == "1"
    assert second.headers["X-Hookline-Attempt"] == "2"
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_the_prefix_of_the_metadata_headers_is_the_stack_s() -> None:
    rules = Surroundings(
        allow_http=False, retention=timedelta(days=30), header_prefix="X-Etl-Webhook"
    )
    assert prepared(rules=rules).call.headers["X-Etl-Webhook-Event"] == "flow.executed"


def test_sensitive_headers_are_sent_in_clear_and_logged_masked() -> None:
    made = prepared(
        a_webhook(headers={"X-Api-Key": MASK, "X-Team": "blue"}),
        some_secrets(headers={"x-api-key": "k-123"}),
    )
    assert made.call.headers["X-Api-Key"] == "k-123"
    assert ("X-Api-Key", MASK) in made.record.headers
    assert ("X-Team", "blue") in made.record.headers
    assert "k-123" not in repr(made)


def test_no_signature_that_is_sent_is_kept_in_the_log() -> None:
    schemes = ("standard", "hmac-sha256", "hmac-sha1")
    rules = Surroundings(
        allow_http=False, retention=timedelta(days=30), header_prefix="X-Signed-Hook"
    )
    made = prepared(a_webhook(signatures=schemes), rules=rules)
    kept = dict(made.record.headers)
    signed = ("webhook-signature", "X-Signed-Hook-Signature", "X-Signed-Hook-Signature-256")
    assert [kept[name] for name in signed] == [MASK] * 3
    assert all(made.call.headers[name] not in repr(made.record) for name in signed)
    assert kept["X-Signed-Hook-Attempt"] == "1"


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        (BasicAuth("joe"), "Basic " + base64.b64encode("joe:sésame".encode()).decode()),
        (BearerAuth(), "Bearer sésame"),
    ],
)
def test_credentials_are_sent_and_logged_masked(auth: BasicAuth | BearerAuth, sent: str) -> None:
    made = prepared(a_webhook(auth=auth), some_secrets(credential="sésame"))
    assert made.call.headers["Authorization"] == sent
    assert ("Authorization", MASK) in made.record.headers


TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_event_s_trace_wins_over_a_traceparent_of_the_webhook_s_own() -> None:
    webhook = a_webhook(headers={"Traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"})
    traced = lowered(prepared(webhook, event=an_event(traceparent=TRACEPARENT)))
    assert traced["traceparent"].split("-")[1] == TRACEPARENT.split("-")[1]
    assert lowered(prepared(webhook))["traceparent"] == webhook.headers["Traceparent"]


def test_a_header_that_has_become_the_platform_s_since_it_was_saved_is_the_platform_s() -> None:
    webhook = a_webhook(headers={"x-new-event": "mine"})
    rules = replace(RULES, header_prefix="X-New")
    assert lowered(prepared(webhook, rules=rules))["x-new-event"] == an_event().type


def lowered(made: Prepared) -> dict[str, str]:
    """The headers by lower-case name; none is there twice."""
    headers = {name.lower(): value for name, value in made.call.headers.items()}
    assert len(headers) == len(made.call.headers)
    return headers


def test_a_webhook_s_own_content_type_and_user_agent_win_without_being_doubled() -> None:
    headers = prepared(
        a_webhook(headers={"content-type": "application/vnd.x+json", "USER-AGENT": "mine"})
    ).call.headers
    names = [name.lower() for name in headers]
    assert len(names) == len(set(names))
    assert (headers["content-type"], headers["USER-AGENT"]) == ("application/vnd.x+json", "mine")


def test_a_get_carries_the_headers_and_no_body() -> None:
    made = prepared(a_webhook(method="GET"))
    assert made.call.body is None
    assert made.record.body is None
    assert "Content-Type" not in made.call.headers
    assert made.call.headers["webhook-id"] == an_event().id


def test_a_template_that_fails_is_an_attempt_without_a_call() -> None:
    webhook = a_webhook(body_template="{{#event.data.rows}}{{.}}{{/event.data.rows}}")
    event = an_event(data={"rows": ["x" * 1_000] * 300})
    made = prepare(Target(webhook, some_secrets()), event, a_delivery(), NOW, RULES)
    assert isinstance(made, Unmade)
    assert made.outcome.kind == "template"


def test_a_url_the_stack_no_longer_allows_is_blocked_without_a_call() -> None:
    made = prepare(
        Target(a_webhook(url="http://example.com/"), some_secrets()),
        an_event(),
        a_delivery(),
        NOW,
        RULES,
    )
    assert isinstance(made, Unmade)
    assert made.outcome.kind == "blocked"
    assert made.record.url == "http://example.com/"
