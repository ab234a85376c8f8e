"""Masked secrets keep what is stored, but never follow a url to another origin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.mask import MASK
from hookline.domain.request.request import Prepared, Target, prepare
from hookline.domain.webhook.document import patched, webhook_of
from hookline.domain.webhook.secrets import Kept
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import BasicAuth, Webhook, WebhookSecrets
from hookline.errors import Rejected
from tests.builders import NOW, a_delivery, an_event
from tests.unit.test_webhook_rules import MINIMAL, RECORD, RULES, SECRET

DOCUMENT = MINIMAL | {
    "headers": {"X-Api-Key": "k3y", "X-Plain": "seen"},
    "auth": {"type": "basic", "username": "u", "password": "p4ss"},
}


def made(document: dict[str, Any] = DOCUMENT) -> tuple[Webhook, WebhookSecrets]:
    return webhook_of(document, RECORD, RULES, fresh_secret=SECRET)


def edited(patch: dict[str, Any], rules: Surroundings = RULES) -> tuple[Webhook, WebhookSecrets]:
    webhook, secrets = made()
    return webhook_of(
        patched(webhook, patch),
        RECORD,
        rules,
        fresh_secret="",
        kept=Kept(webhook, secrets, rules),
    )


def refused_fields(patch: dict[str, Any]) -> list[str]:
    with pytest.raises(Rejected) as refusal:
        edited(patch)
    return sorted(error.field for error in refusal.value.errors)


def test_secrets_leave_the_configuration_for_the_vault() -> None:
    webhook, secrets = made()
    assert webhook.headers == {"X-Api-Key": MASK, "X-Plain": "seen"}
    assert webhook.auth == BasicAuth("u")
    assert secrets == WebhookSecrets(
        signing=SECRET, credential="p4ss", headers={"X-Api-Key": "k3y"}
    )


def test_a_mask_sent_back_keeps_what_is_stored_as_un_8_has_it() -> None:
    patch = {
        "name": "renamed",
        "secret": MASK,
        "headers": {"X-Api-Key": MASK},
        "auth": {"type": "basic", "username": "u2", "password": MASK},
    }
    webhook, secrets = edited(patch)
    assert secrets == made()[1]
    assert (webhook.name, webhook.auth) == ("renamed", BasicAuth("u2"))


def test_a_password_may_be_empty_and_is_sent_and_kept_so() -> None:
    document = MINIMAL | {"auth": {"type": "basic", "username": "u", "password": ""}}
    webhook, secrets = made(document)
    assert (webhook.auth, secrets.credential) == (BasicAuth("u"), "")
    kept = Kept(webhook, secrets, RULES)
    patch = {"auth": {"type": "basic", "username": "u2", "password": MASK}}
    _, after = webhook_of(patched(webhook, patch), RECORD, RULES, fresh_secret="", kept=kept)
    assert after.credential == ""
    call = prepare(Target(webhook, secrets), an_event(), a_delivery(), NOW, RULES)
    assert isinstance(call, Prepared)
    assert call.call.headers["Authorization"] == "Basic dTo="


def test_a_new_value_replaces_what_is_stored() -> None:
    _, secrets = edited({"headers": {"X-Api-Key": "n3w"}, "auth": {"password": "n3w"}})
    assert (secrets.headers, secrets.credential) == ({"X-Api-Key": "n3w"}, "n3w")


def test_a_removed_header_takes_its_secret_along() -> None:
    webhook, secrets = edited({"headers": {"X-Api-Key": None}})
    assert (webhook.headers, secrets.headers) == ({"X-Plain": "seen"}, {})


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/hook",
        "https://example.com:8443/hook",
        "https://example.com.other.example/hook",
    ],
)
def test_another_origin_must_bring_auth_and_sensitive_headers_again(url: str) -> None:
    assert refused_fields({"url": url}) == ["auth.password", "headers.X-Api-Key"]


def test_another_path_at_the_same_origin_keeps_them() -> None:
    webhook, secrets = edited({"url": "https://EXAMPLE.com:443/other"})
    assert webhook.url == "https://EXAMPLE.com:443/other"
    assert secrets == made()[1]


def test_another_origin_is_fine_with_credentials_of_its_own_or_none() -> None:
    url = "https://other.example/hook"
    _, brought = edited({"url": url, "auth": {"password": "n3w"}, "headers": {"X-Api-Key": "n3w"}})
    assert (brought.credential, brought.headers) == ("n3w", {"X-Api-Key": "n3w"})
    _, dropped = edited({"url": url, "auth": None, "headers": {"X-Api-Key": None}})
    assert (dropped.credential, dropped.headers) == (None, {})


def test_a_mask_does_not_turn_a_password_into_a_token() -> None:
    assert refused_fields({"auth": {"type": "bearer", "token": MASK}}) == ["auth.token"]


def test_an_edit_within_the_overlap_keeps_both_secrets() -> None:
    webhook, secrets = made()
    ends = NOW + timedelta(hours=1)
    rotating = WebhookSecrets(
        signing=SECRET,
        previous_signing="whsec_" + "B" * 32,
        previous_expires_at=ends,
        credential=secrets.credential,
        headers=secrets.headers,
    )
    _, after = webhook_of(
        patched(webhook, {"name": "renamed"}),
        RECORD,
        RULES,
        fresh_secret="",
        kept=Kept(webhook, rotating, RULES),
    )
    assert after == rotating
