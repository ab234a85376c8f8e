"""One suite for the inbound configuration's ports: DynamoDB's stores (on moto), and memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.documents.strict_json import Exact, dumps
from hookline.domain.ids import ProviderId, WebhookId
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.function import Forward, Invoke, Publish
from hookline.domain.inbound.provider import MAX_PROVIDERS, MatchFunction, ProviderSecrets
from hookline.domain.inbound.verify import Verify
from hookline.errors import Unavailable
from tests.builders import NOW, TENANT, an_id
from tests.contract.inbound_stores import OTHER_TENANT, Stores, in_memory, on_aws
from tests.inbound_builders import LAMBDA_ARN, a_function, a_provider


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    return in_memory() if request.param == "memory" else on_aws(request.getfixturevalue("dynamodb"))


def test_a_tenant_without_configuration_has_an_empty_one(stores: Stores) -> None:
    assert stores.configurations.load(TENANT) == Configuration()


@pytest.mark.parametrize(
    "verify",
    [
        {"type": "stripe", "secret": "*****"},
        {"type": "token", "header": "x-gate", "token": "*****"},
        {"type": "basic", "username": "ci", "secrets": ["*****", "*****"]},
        {
            "type": "hmac",
            "algorithm": "sha1",
            "header": "x-sig",
            "prefix": "",
            "encoding": "hex",
            "signed_content": "{timestamp}{body}",
            "timestamp": {"from": "header:x-at", "unit": "ms"},
            "tolerance_seconds": 60,
            "expect": {"body:a.b": "c"},
            "on_mismatch": "401",
        },
    ],
)
def test_a_provider_reads_back_as_it_was_added(stores: Stores, verify: dict[str, object]) -> None:
    provider = a_provider(
        verify=Verify(verify),
        challenges=({"when": "a", "respond": {"headers": {"X Y": "b"}}},),
        respond={"status": 204},
        mode="sync",
        match=MatchFunction(LAMBDA_ARN),
        description="all of it",
        active=False,
        sealed_secrets="c2VhbGVk",
        properties={"projects": [{"id": 1.5, "tags": []}], "none": None, "token": "*****"},
    )
    assert stores.providers.add(provider)
    assert stores.configurations.load(TENANT) == Configuration(providers=(provider,))
    assert stores.configurations.load(OTHER_TENANT) == Configuration()


def test_adding_a_provider_again_changes_nothing(stores: Stores) -> None:
    provider = a_provider()
    assert stores.providers.add(provider)
    assert stores.providers.add(provider)
    assert stores.configurations.load(TENANT).providers == (provider,)


def test_providers_stand_in_the_order_they_came_until_they_are_reordered(stores: Stores) -> None:
    made = [a_provider(name=name) for name in "abc"]
    for provider in made:
        assert stores.providers.add(provider)
    ids = [provider.id for provider in made]
    assert stores.configurations.load(TENANT).providers == tuple(made)
    turned = [ids[2], ids[0], ids[1]]
    assert stores.providers.reorder(TENANT, ids, turned)
    assert stores.providers.reorder(TENANT, ids, turned), "a repeat whose reply got lost"
    assert not stores.providers.reorder(TENANT, ids, ids[::-1])
    assert [each.id for each in stores.configurations.load(TENANT).providers] == turned


def test_a_tenant_has_as_many_providers_as_it_may_and_not_one_more(stores: Stores) -> None:
    for _ in range(MAX_PROVIDERS):
        assert stores.providers.add(a_provider())
    one_more = a_provider()
    assert not stores.providers.add(one_more)
    assert stores.configurations.load(TENANT).provider(one_more.id) is None
    assert stores.providers.add(a_provider(tenant=OTHER_TENANT))


def test_a_provider_changes_only_from_the_version_that_stands(stores: Stores) -> None:
    before = a_provider()
    stores.providers.add(before)
    after = replace(before, version=2, name="renamed", updated_at=NOW + timedelta(seconds=1))
    assert stores.providers.replace(before, after)
    assert stores.providers.replace(before, after), "a repeat whose reply got lost"
    late = replace(before, version=2, name="late", updated_at=NOW + timedelta(seconds=2))
    assert not stores.providers.replace(before, late)
    assert stores.configurations.load(TENANT).providers == (after,)


def test_a_removed_provider_leaves_the_sequence(stores: Stores) -> None:
    first, second = a_provider(), a_provider()
    stores.providers.add(first)
    stores.providers.add(second)
    assert not stores.providers.remove(replace(first, version=7))
    assert stores.providers.remove(first)
    assert stores.providers.remove(first), "a repeat whose reply got lost"
    assert stores.configurations.load(TENANT).providers == (second,)


@pytest.mark.parametrize(
    "action",
    [
        Publish({"type": "'git.push'", "data": {"ref": "message.payload.ref", "by": {"x": "`1`"}}}),
        Invoke(LAMBDA_ARN),
        Forward(WebhookId("wh_1")),
    ],
)
def test_a_function_reads_back_as_it_was_added(
    stores: Stores, action: Publish | Invoke | Forward
) -> None:
    provider = a_provider()
    stores.providers.add(provider)
    function = a_function(provider_id=provider.id, action=action, uri="a/b c/ü", active=False)
    assert stores.functions.add(function)
    assert stores.functions.add(function), "a repeat whose reply got lost"
    assert stores.configurations.load(TENANT).functions == (function,)


def test_a_function_needs_its_provider(stores: Stores) -> None:
    assert not stores.functions.add(a_function())
    assert stores.configurations.load(TENANT) == Configuration()


def test_a_function_changes_and_goes_only_from_the_version_that_stands(stores: Stores) -> None:
    provider = a_provider()
    stores.providers.add(provider)
    before = a_function(provider_id=provider.id)
    stores.functions.add(before)
    after = replace(before, version=2, uri="else", updated_at=NOW + timedelta(seconds=1))
    assert stores.functions.replace(before, after)
    assert not stores.functions.replace(before, replace(after, uri="late", updated_at=NOW))
    assert not stores.functions.remove(before)
    assert stores.functions.remove(after)
    assert stores.functions.remove(after), "a repeat whose reply got lost"
    assert not stores.functions.replace(after, replace(after, version=3))
    assert stores.configurations.load(TENANT).functions == ()


def test_secrets_open_for_their_provider_and_no_other(stores: Stores) -> None:
    mine, yours = ProviderId(an_id("prv")), ProviderId(an_id("prv"))
    token = {"deep": [1, None, Exact("19.90")]}
    secrets = ProviderSecrets(("s3cr€t", "older"), {"token": token})
    sealed = stores.vault.seal(TENANT, mine, secrets)
    opened = stores.vault.open(TENANT, mine, sealed)
    assert opened == secrets
    assert dumps(opened.properties["token"]) == '{"deep":[1,null,19.90]}'
    for tenant, provider in ((TENANT, yours), (OTHER_TENANT, mine)):
        with pytest.raises(Unavailable, match="InvalidCiphertext"):
            stores.vault.open(tenant, provider, sealed)
