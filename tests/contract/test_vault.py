"""The port `Vault`, and what only KMS's adapter does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.kms import KmsVault, Sealer
from hookline.domain.documents import strict_json
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.secrets import MAX_SECRETS_BYTES, fit_together
from hookline.domain.webhook.webhook import WebhookSecrets
from hookline.errors import Unavailable
from hookline.ports.webhooks import Vault
from tests.builders import NOW, TENANT, WEBHOOK_ID, some_secrets
from tests.contract.faults import Watched
from tests.engine.engine import Engine

EVERYTHING = some_secrets(
    previous_signing="whsec_cHJldmlvdXM=",
    previous_expires_at=NOW + timedelta(hours=24),
    credential="p\u00e4ssw\u00f6rd \U0001f511",
    headers={"X-Token": "t", "X-Other": "\u0000"},
)


@dataclass(frozen=True, slots=True)
class Kms:
    sealer: Sealer
    watched: Watched


@pytest.fixture
def kms(aws_environment: None) -> Kms:
    client = Clients(validate=True).kms()
    key = client.create_key()["KeyMetadata"]["KeyId"]
    return Kms(Sealer(client, key, cached=2), Watched(client))


@pytest.fixture(params=["memory", "aws"])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    if request.param == "memory":
        yield Engine().vault
    else:
        yield KmsVault(request.getfixturevalue("kms").sealer, "webhook", WebhookSecrets)


@pytest.mark.parametrize("secrets", [some_secrets(), EVERYTHING])
def test_sealed_secrets_open_as_they_were(vault: Vault, secrets: WebhookSecrets) -> None:
    sealed = vault.seal(TENANT, WEBHOOK_ID, secrets)
    assert vault.open(TENANT, WEBHOOK_ID, sealed) == secrets


def test_sealed_text_shows_no_secret(vault: Vault) -> None:
    sealed = vault.seal(TENANT, WEBHOOK_ID, EVERYTHING)
    assert EVERYTHING.signing not in sealed


@pytest.mark.parametrize(
    ("tenant", "webhook_id"),
    [(TenantId("globex"), WEBHOOK_ID), (TENANT, WebhookId("wh_01JDA0000000000000000000AA"))],
)
def test_they_open_for_no_other_tenant_or_webhook(
    vault: Vault, tenant: TenantId, webhook_id: WebhookId
) -> None:
    sealed = vault.seal(TENANT, WEBHOOK_ID, some_secrets())
    vault.open(TENANT, WEBHOOK_ID, sealed)
    with pytest.raises(Unavailable):
        vault.open(tenant, webhook_id, sealed)


# -- KMS -------------------------------------------------------------------------------------------


def test_the_largest_secrets_that_the_rules_let_pass_are_sealed(kms: Kms) -> None:
    vault = KmsVault(kms.sealer, "webhook", WebhookSecrets)
    rest = MAX_SECRETS_BYTES - len(strict_json.dumps(some_secrets(credential="").as_plain()))
    secrets = some_secrets(credential="x" * rest)
    assert fit_together(secrets)
    assert not fit_together(some_secrets(credential="x" * (rest + 1)))
    assert vault.open(TENANT, WEBHOOK_ID, vault.seal(TENANT, WEBHOOK_ID, secrets)) == secrets


def test_a_webhook_is_opened_once_however_often_it_is_called(kms: Kms) -> None:
    vault = KmsVault(kms.sealer, "webhook", WebhookSecrets)
    sealed = vault.seal(TENANT, WEBHOOK_ID, some_secrets())
    for _ in range(5):
        vault.open(TENANT, WEBHOOK_ID, sealed)
    assert kms.watched.calls == {"Encrypt": 1, "Decrypt": 1}


def test_the_cache_is_bounded_and_keeps_what_was_used_last(kms: Kms) -> None:
    vault = KmsVault(kms.sealer, "webhook", WebhookSecrets)
    sealed = [vault.seal(TENANT, WEBHOOK_ID, some_secrets()) for _ in range(3)]
    for number in (0, 1, 0, 2, 0):
        vault.open(TENANT, WEBHOOK_ID, sealed[number])
    assert kms.watched.calls["Decrypt"] == 3
    vault.open(TENANT, WEBHOOK_ID, sealed[1])
    assert kms.watched.calls["Decrypt"] == 4


def test_a_key_that_cannot_be_reached_is_unavailable(kms: Kms) -> None:
    vault = KmsVault(kms.sealer, "webhook", WebhookSecrets)
    sealed = vault.seal(TENANT, WEBHOOK_ID, some_secrets())
    kms.watched.never_sent["Decrypt"] = 4
    with pytest.raises(Unavailable):
        vault.open(TENANT, WEBHOOK_ID, sealed)
    assert vault.open(TENANT, WEBHOOK_ID, sealed) == some_secrets()
