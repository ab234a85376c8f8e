"""One suite for the identity ports: DynamoDB's stores (on moto) and the ones in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.dynamo.identity.allotments import DynamoAllotments
from hookline.adapters.dynamo.identity.principals import DynamoApiKeys, DynamoPrincipals
from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.identity.webhook_rights import DynamoWebhookRights
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import ApiKey, StoredPrincipal, Tenant, TenantState
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.errors import Unavailable
from tests.builders import NOW, TENANT, an_id
from tests.engine.identity import (
    Identities,
    InMemoryAllotments,
    InMemoryApiKeys,
    InMemoryPrincipals,
    InMemoryTenants,
    InMemoryWebhookRights,
)
from tests.identity_builders import a_key, a_stored_principal, a_tenant
from tests.worlds.resources import create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OTHER_TENANT = TenantId("globex")


@dataclass
class Stores:
    tenants: DynamoTenants | InMemoryTenants
    principals: DynamoPrincipals | InMemoryPrincipals
    keys: DynamoApiKeys | InMemoryApiKeys
    rights: DynamoWebhookRights | InMemoryWebhookRights
    allotments: DynamoAllotments | InMemoryAllotments


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        shared = Identities()
        return Stores(
            InMemoryTenants(shared),
            InMemoryPrincipals(shared),
            InMemoryApiKeys(shared),
            InMemoryWebhookRights(shared),
            InMemoryAllotments(),
        )
    client = request.getfixturevalue("dynamodb")
    create_tables(client, "principals", "schedule")
    principals = client, table_name("principals")
    return Stores(
        DynamoTenants(client, table_name("principals")),
        DynamoPrincipals(*principals),
        DynamoApiKeys(*principals),
        DynamoWebhookRights(*principals, Batches(client)),
        DynamoAllotments(client, table_name("schedule")),
    )


def with_key(stores: Stores, **overrides: Any) -> tuple[StoredPrincipal, ApiKey]:
    before = a_stored_principal()
    stores.principals.create(before)
    key = a_key(before, **overrides)
    after = replace(before, key_ids=(key.id,), version=2)
    assert stores.principals.replace(before, after, new_key=key)
    return after, key


def test_a_tenant_reads_back_as_it_was_created(stores: Stores) -> None:
    assert stores.tenants.get(TENANT) is None
    assert stores.tenants.create(a_tenant())
    assert stores.tenants.get(TENANT) == a_tenant()


def test_creating_a_tenant_again_succeeds_only_if_it_is_the_very_same(stores: Stores) -> None:
    assert stores.tenants.create(a_tenant())
    assert stores.tenants.create(a_tenant())
    assert not stores.tenants.create(a_tenant(name="Another"))
    assert stores.tenants.get(TENANT) == a_tenant()


def test_tenants_are_listed_newest_first_and_page_without_gap_or_repeat(stores: Stores) -> None:
    made = [
        a_tenant(id=TenantId(name), created_at=NOW + timedelta(seconds=age))
        for age, name in enumerate(["tenants", "aa", "zz", "mm", "bb"])
    ]
    for tenant in made:
        stores.tenants.create(tenant)
    first, place = stores.tenants.page(2, None)
    second, place = stores.tenants.page(2, place)
    third, end = stores.tenants.page(2, place)
    assert [*first, *second, *third] == list(reversed(made))
    assert end is None


def test_a_changed_tenant_is_listed_as_it_is_now_and_a_closed_one_no_more(stores: Stores) -> None:
    stores.tenants.create(a_tenant())
    closing = a_tenant(name="Acme Ltd", state=TenantState.CLOSING)
    assert stores.tenants.replace(a_tenant(), closing)
    assert stores.tenants.page(10, None) == ([closing], None)
    closed = a_tenant(state=TenantState.CLOSED)
    assert stores.tenants.replace(closing, closed)
    assert stores.tenants.page(10, None) == ([], None)
    assert stores.tenants.get(TENANT) == closed
    assert not stores.tenants.create(a_tenant())


def test_a_tenant_that_is_not_there_is_not_replaced(stores: Stores) -> None:
    assert not stores.tenants.replace(a_tenant(), a_tenant(name="Acme Ltd"))
    assert stores.tenants.get(TENANT) is None


@pytest.mark.parametrize(
    "stands",
    [
        a_tenant(state=TenantState.CLOSING),
        a_tenant(state=TenantState.CLOSED),
        a_tenant(name="Initech"),
        a_tenant(updated_at=NOW + timedelta(milliseconds=1)),
    ],
)
def test_a_tenant_changes_only_from_what_stands(stores: Stores, stands: Tenant) -> None:
    stores.tenants.create(a_tenant())
    assert stores.tenants.replace(a_tenant(), stands)
    listed = stores.tenants.page(10, None)
    assert not stores.tenants.replace(a_tenant(), a_tenant(name="Acme Ltd"))
    assert stores.tenants.get(TENANT) == stands
    assert stores.tenants.page(10, None) == listed


def test_a_change_of_a_tenant_that_stands_already_succeeds(stores: Stores) -> None:
    stores.tenants.create(a_tenant())
    renamed = a_tenant(name="Acme Ltd")
    assert stores.tenants.replace(a_tenant(), renamed)
    assert stores.tenants.replace(a_tenant(), renamed)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"level": Level.WRITE},
        {"default_webhook_level": Level.READ, "level": Level.ADMIN},
        {"global_admin": True},
    ],
)
def test_a_principal_reads_back_as_it_was_created(stores: Stores, fields: dict[str, Any]) -> None:
    principal = a_stored_principal(**fields)
    stores.principals.create(principal)
    assert stores.principals.get(TENANT, principal.principal.id) == principal
    assert stores.principals.get(OTHER_TENANT, principal.principal.id) is None


def test_principals_page_newest_first_within_their_tenant(stores: Stores) -> None:
    made = [a_stored_principal() for _ in range(5)]
    for principal in [*made, a_stored_principal(tenant=OTHER_TENANT)]:
        stores.principals.create(principal)
    stores.tenants.create(a_tenant())
    stores.rights.put(TENANT, made[0].principal.id, WebhookId(an_id("wh")), Level.READ)
    first, place = stores.principals.page(TENANT, 3, None)
    second, end = stores.principals.page(TENANT, 3, place)
    assert [*first, *second] == list(reversed(made))
    assert end is None


def test_a_principal_changes_only_from_the_version_that_stands(stores: Stores) -> None:
    before = a_stored_principal()
    stores.principals.create(before)
    after = replace(before, version=2, principal=replace(before.principal, level=Level.READ))
    assert stores.principals.replace(before, after)
    late = replace(before, version=2, principal=replace(before.principal, level=Level.ADMIN))
    assert not stores.principals.replace(before, late)
    assert stores.principals.get(TENANT, before.principal.id) == after


def test_a_change_whose_reply_got_lost_can_be_repeated(stores: Stores) -> None:
    before = a_stored_principal()
    stores.principals.create(before)
    key = a_key(before)
    after = replace(before, key_ids=(key.id,), version=2)
    for _ in range(2):
        assert stores.principals.replace(before, after, new_key=key)
    assert stores.keys.find(key.id) == key
    for _ in range(2):
        assert stores.principals.delete(after)
    assert stores.principals.get(TENANT, before.principal.id) is None


def test_a_table_that_does_not_answer_is_told_as_unavailable(dynamodb: DynamoDBClient) -> None:
    principals = DynamoPrincipals(dynamodb, "nowhere")
    keys = DynamoApiKeys(dynamodb, "nowhere")
    rights = DynamoWebhookRights(dynamodb, "nowhere", Batches(dynamodb))
    stored = a_stored_principal()
    webhook_id = WebhookId(an_id("wh"))
    for act in (
        lambda: principals.get(TENANT, stored.principal.id),
        lambda: principals.page(TENANT, 10, None),
        lambda: principals.create(stored),
        lambda: principals.replace(stored, replace(stored, version=2)),
        lambda: principals.delete(stored),
        lambda: keys.find(an_id("key")),
        lambda: keys.used(a_key(stored), NOW),
        lambda: rights.levels(TENANT, stored.principal.id, [webhook_id]),
        lambda: rights.put(TENANT, stored.principal.id, webhook_id, Level.READ),
    ):
        with pytest.raises(Unavailable):
            act()


def test_a_key_is_written_together_with_its_principal_or_not_at_all(stores: Stores) -> None:
    owner, key = with_key(stores)
    assert stores.keys.find(key.id) == key
    refused = a_key(owner)
    stale = replace(owner, version=1)
    assert not stores.principals.replace(
        stale, replace(owner, key_ids=(*owner.key_ids, refused.id)), new_key=refused
    )
    assert stores.keys.find(refused.id) is None


def test_a_revoked_key_is_gone_in_the_same_write(stores: Stores) -> None:
    owner, key = with_key(stores)
    after = replace(owner, key_ids=(), version=3)
    assert stores.principals.replace(owner, after, gone_keys=[key.id])
    assert stores.keys.find(key.id) is None


def test_a_deleted_principal_takes_its_keys_and_rights_with_it(stores: Stores) -> None:
    owner, key = with_key(stores)
    webhook_id = WebhookId(an_id("wh"))
    stores.rights.put(TENANT, owner.principal.id, webhook_id, Level.ADMIN)
    assert not stores.principals.delete(replace(owner, version=1))
    assert stores.principals.delete(owner)
    assert stores.principals.get(TENANT, owner.principal.id) is None
    assert stores.keys.find(key.id) is None
    assert stores.rights.levels(TENANT, owner.principal.id, [webhook_id]) == {}


def test_last_use_is_noted_on_a_key_and_never_brings_one_back(stores: Stores) -> None:
    owner, key = with_key(stores, expires_at=NOW + timedelta(days=1))
    stores.keys.used(key, NOW)
    assert stores.keys.find(key.id) == replace(key, last_used_at=NOW)
    gone = a_key(owner)
    stores.keys.used(gone, NOW)
    assert stores.keys.find(gone.id) is None


def test_a_level_on_a_webhook_can_be_given_changed_and_taken(stores: Stores) -> None:
    principal_id, webhook_id = PrincipalId(an_id("prn")), WebhookId(an_id("wh"))
    stores.rights.put(TENANT, principal_id, webhook_id, Level.READ)
    stores.rights.put(TENANT, principal_id, webhook_id, Level.ADMIN)
    other = WebhookId(an_id("wh"))
    assert stores.rights.levels(TENANT, principal_id, [webhook_id, other]) == {
        webhook_id: Level.ADMIN
    }
    assert stores.rights.levels(OTHER_TENANT, principal_id, [webhook_id]) == {}
    assert stores.rights.remove(TENANT, principal_id, webhook_id)
    assert not stores.rights.remove(TENANT, principal_id, webhook_id)
    assert stores.rights.levels(TENANT, principal_id, [webhook_id]) == {}


def test_a_principals_levels_page_newest_webhook_first(stores: Stores) -> None:
    principal_id = PrincipalId(an_id("prn"))
    webhooks = [WebhookId(an_id("wh")) for _ in range(5)]
    for webhook_id in webhooks:
        stores.rights.put(TENANT, principal_id, webhook_id, Level.READ)
    stores.rights.put(TENANT, PrincipalId(an_id("prn")), webhooks[0], Level.READ)
    first, place = stores.rights.page(TENANT, principal_id, 3, None)
    second, end = stores.rights.page(TENANT, principal_id, 3, place)
    assert [*first, *second] == list(reversed(webhooks))
    assert end is None


def test_the_levels_on_one_webhook_are_by_principal(stores: Stores) -> None:
    one, two, three = (PrincipalId(an_id("prn")) for _ in range(3))
    webhook_id = WebhookId(an_id("wh"))
    stores.rights.put(TENANT, one, webhook_id, Level.READ)
    stores.rights.put(TENANT, two, webhook_id, Level.ADMIN)
    found = stores.rights.on_webhook(TENANT, webhook_id, [one, two, three])
    assert found == {one: Level.READ, two: Level.ADMIN}


def test_asking_about_no_webhook_and_no_principal_finds_nothing(stores: Stores) -> None:
    assert stores.rights.levels(TENANT, PrincipalId(an_id("prn")), []) == {}
    assert stores.rights.on_webhook(TENANT, WebhookId(an_id("wh")), []) == {}


def test_allotments_are_drawn_up_to_the_limit_and_not_beyond(stores: Stores) -> None:
    soon = NOW + timedelta(minutes=1)
    assert stores.allotments.draw("acme#1", 60, 100, soon)
    assert not stores.allotments.draw("acme#1", 41, 100, soon)
    assert stores.allotments.draw("acme#1", 40, 100, soon)
    assert not stores.allotments.draw("acme#1", 1, 100, soon)
    assert stores.allotments.draw("acme#2", 1, 100, soon)
    assert not stores.allotments.draw("acme#3", 101, 100, soon)
