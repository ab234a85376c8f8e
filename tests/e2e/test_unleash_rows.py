"""Unleash's rows: feature flags out, one test a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.tenant import Tenant, planned_waits
from tests.e2e.tls import tls_server
from tests.published import published

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"
TYPES = [
    entry["type"]
    for entry in json.loads((CATALOGUE / "unleash.json").read_text("utf-8"))["event_types"]
]

# The page's own example, as its users have it.
PAGES_TEMPLATE = """{
  "event": "{{event.type}}",
  "createdBy": "{{event.createdBy}}",
  "featureToggle": "{{event.data.name}}",
  "timestamp": "{{event.data.createdAt}}"
}"""


def test_un_1_every_parameter_is_kept_and_used_in_the_call(tenant: Tenant) -> None:
    hook = tenant.hook(
        content_type="text/plain; charset=utf-8",
        auth={"type": "bearer", "token": "let-me-in"},
        headers={"X-Team": "checkout"},
        body_template="{{event.type}} by {{event.createdBy}}",
        enabled=True,
        description="to the checkout team",
        events=["feature-created", "feature-strategy-update"],
        scope={"projects": ["website"], "environments": ["production"]},
    )
    anywhere = tenant.hook(scope={"projects": ["*"], "environments": ["*"]})
    assert tenant.api("POST", "/webhooks", {"name": "no url", "events": ["*"]}).fields == {"url"}

    updated = published("unleash_feature_strategy_update")
    in_production = tenant.publish(updated)
    in_testing = tenant.publish(updated, environment="testing")
    in_a_shop = tenant.publish(updated, project="shop")
    other_type = tenant.publish(updated, type="feature-stale-on")
    no_environment = tenant.publish(published("unleash_feature_created"))

    call = hook.arrives(in_production)
    assert call.call.body == "feature-strategy-update by ann"
    assert call.headers["content-type"] == "text/plain; charset=utf-8"
    assert call.headers["authorization"] == "Bearer let-me-in"
    assert call.headers["x-team"] == "checkout"
    assert tenant.went_to(no_environment) == {hook.id, anywhere.id}
    for not_for_it in (in_testing, in_a_shop, other_type):
        assert tenant.went_to(not_for_it) == {anywhere.id}

    hook.patch(enabled=False)
    assert tenant.went_to(tenant.publish(updated)) == {anywhere.id}


def test_un_2_every_type_of_the_page_is_in_the_catalogue_and_arrives(tenant: Tenant) -> None:
    hook = tenant.hook(events=TYPES)
    events = [published("unleash_feature_created") | {"type": each} for each in TYPES]
    accepted = tenant.api.post("/events/batch", {"events": events})["items"]
    arrived = [hook.arrives(item["id"]).json["type"] for item in accepted]
    assert arrived == TYPES
    assert len(set(TYPES)) == 31


def test_un_3_the_pages_example_template_renders_as_it_stands(tenant: Tenant) -> None:
    hook = tenant.hook(body_template=PAGES_TEMPLATE)
    created = published("unleash_feature_created")
    hostile = 'new "checkout"\n\\ <b> & \N{ROCKET}'
    for author, name in (("ann", "new-checkout"), ('Ann "\\" & \N{ROCKET}', hostile)):
        event_id = tenant.publish(
            created,
            actor={"id": "7", "name": author},
            data=created["data"] | {"name": name},
        )
        assert hook.arrives(event_id).json == {
            "event": "feature-created",
            "createdBy": author,
            "featureToggle": name,
            "timestamp": "2026-11-22T11:00:00.000Z",
        }
        assert hook.delivered(event_id)["attempt_count"] == 1


def test_un_4_the_event_itself_is_sent_in_the_pages_format(
    tenant: Tenant,
) -> None:
    hook = tenant.hook(format="unleash")
    updated = published("unleash_feature_strategy_update")
    event_id = tenant.publish(updated)
    assert hook.arrives(event_id).json == {
        "id": event_id,
        "type": "feature-strategy-update",
        "createdBy": "ann",
        "createdAt": "2026-11-22T11:05:00.000Z",
        "data": updated["data"],
        "preData": updated["previous_data"],
        "tags": [],
        "featureName": "new-checkout",
        "project": "website",
        "environment": "production",
    }
    assert hook.delivered(event_id)["event_type"] == "feature-strategy-update"


def test_un_5_a_failed_call_is_retried_once_on_a_5xx_or_a_network_error(tenant: Tenant) -> None:
    once = {"initial_delay_seconds": 1, "max_attempts": 2}
    recovering = tenant.hook("/fail/1", retry=once)
    failing = tenant.hook("/status/500", retry=once)
    resetting = tenant.hook("/reset", retry=once)
    event_id = tenant.publish(published("unleash_feature_created"))

    recovered = recovering.delivered(event_id)
    assert [each["response"]["status"] for each in recovered["attempts"]] == [500, 200]
    assert min(planned_waits(recovered)) >= 0.9
    for hook, error in ((failing, None), (resetting, "reset")):
        failed = hook.delivered(event_id, "failed")
        kinds = [each["error"] and each["error"]["kind"] for each in failed["attempts"]]
        assert kinds == [error, error]
    failing.arrives(event_id, times=2)
    # A kept connection that proves dead is replaced within its attempt: one call more for each.
    assert 2 <= len(resetting.arrivals(event_id)) <= 4


def test_un_6_a_duplicate_has_the_id_that_receivers_deduplicate_by(tenant: Tenant) -> None:
    hook = tenant.hook("/fail/1")
    event = published("unleash_feature_created") | {"id": "from-the-publisher"}
    assert tenant.publish(event) == "from-the-publisher"
    again = tenant.api.post("/events", event)
    assert again == {"id": "from-the-publisher", "type": "feature-created", "duplicate": True}

    hook.delivered("from-the-publisher")
    hook.act("from-the-publisher", "retry")
    hook.arrives("from-the-publisher", times=3)
    delivery = hook.delivered("from-the-publisher", attempts=3)
    sent = [attempt["request"]["headers"]["webhook-id"] for attempt in delivery["attempts"]]
    assert sent == ["from-the-publisher"] * 3
    assert len(hook.log()) == 1


def test_un_7_the_certificate_of_a_private_authority_is_trusted_for_that_hook_alone(
    tenant: Tenant,
) -> None:
    with tls_server() as endpoint:
        trusting = tenant.hook(url=f"{endpoint.url}/trusting", ca_certificate=endpoint.ca_pem)
        other = tenant.hook(url=f"{endpoint.url}/other")
        event_id = tenant.publish(published("unleash_feature_created"))
        assert trusting.delivered(event_id)["last_attempt"]["response"]["status"] == 200
        refused = other.delivered(event_id, "retrying", attempts=1)["attempts"][0]
        assert (refused["error"]["kind"], refused["response"]) == ("tls", None)
        assert endpoint.paths() == ["/trusting"]

        other.patch(ca_certificate=endpoint.ca_pem)
        assert other.delivered(event_id)["attempts"][0]["error"]["kind"] == "tls"
        assert "/other" in endpoint.paths()
    wrong = {"ca_certificate": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"}
    assert tenant.api("PATCH", trusting.at, wrong).fields == {"ca_certificate"}


def test_un_8_secrets_come_back_masked_and_the_mask_keeps_what_is_stored(tenant: Tenant) -> None:
    mask = "*****"
    hook = tenant.hook(
        auth={"type": "basic", "username": "ann", "password": "pa55-of-ann"},
        headers={"X-Api-Key": "k3y-of-ann", "X-Team": "checkout"},
    )
    stored: dict[str, Any] = tenant.api.get(hook.at)
    assert stored["secret"] == mask
    assert stored["auth"] == {"type": "basic", "username": "ann", "password": mask}
    assert stored["headers"] == {"X-Api-Key": mask, "X-Team": "checkout"}

    sent_back = {name: stored[name] for name in ("secret", "auth", "headers", "url")}
    hook.patch(**sent_back, description="edited")
    event_id = tenant.publish(published("unleash_feature_created"))
    call = hook.arrives(event_id)
    assert call.headers["authorization"] == "Basic YW5uOnBhNTUtb2YtYW5u"
    assert call.headers["x-api-key"] == "k3y-of-ann"
    assert tenant.api.get(f"{hook.at}/secret")["secret"] == hook.secret

    log = json.dumps(hook.delivered(event_id))
    assert not any(secret in log for secret in ("k3y-of-ann", "pa55-of-ann", "YW5uOnBhNTU"))
    moved = tenant.api("PATCH", hook.at, {"url": "https://elsewhere.example.com/"})
    assert moved.status == 422
