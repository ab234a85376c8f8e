"""Tenants: made, renamed, and closed for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import Tenant, TenantState
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import TenantId
from hookline.errors import Conflict, NotFound, Rejected, Unauthenticated
from hookline.services.identity.manage_tenants import ManageTenants
from tests.builders import NOW, TENANT
from tests.engine.callers import OTHER_TENANT, Callers, bearer
from tests.engine.identity import InMemoryTenants


@pytest.fixture
def world() -> Callers:
    return Callers()


def test_a_tenant_is_named_after_its_id_unless_told_otherwise(world: Callers) -> None:
    assert world.manage_tenants.create(ROOT, {"id": "initech"}).name == "initech"
    assert (
        world.manage_tenants.create(ROOT, {"id": "hooli", "name": "Hooli Inc"}).name == "Hooli Inc"
    )


@pytest.mark.parametrize("tenant_id", ["", "-a", "A", "a_b", "a#b", "a" * 64, "ä", "a\n"])
def test_an_id_against_the_rules_is_rejected_together_with_the_name(
    world: Callers, tenant_id: str
) -> None:
    with pytest.raises(Rejected) as caught:
        world.manage_tenants.create(ROOT, {"id": tenant_id, "name": ""})
    assert [error.field for error in caught.value.errors] == ["id", "name"]


def test_an_id_is_given_once_and_never_again(world: Callers) -> None:
    with pytest.raises(Conflict):
        world.manage_tenants.create(ROOT, {"id": TENANT, "name": "Another"})
    world.manage_tenants.close(TENANT)
    with pytest.raises(Conflict):
        world.manage_tenants.create(ROOT, {"id": TENANT, "name": "Another"})


def test_a_tenant_with_webhooks_is_not_closed(world: Callers) -> None:
    world.webhook()
    with pytest.raises(Conflict, match="delete them first"):
        world.manage_tenants.close(TENANT)
    assert world.manage_tenants.get(TENANT).id == TENANT


def test_closing_a_tenant_ends_its_principals_and_their_keys_and_no_others(world: Callers) -> None:
    mine = world.key_of(world.principal(level=Level.ADMIN))
    admin = world.principal(tenant=TENANT, global_admin=True)
    theirs_principal = world.principal(tenant=OTHER_TENANT, level=Level.READ)
    theirs = world.key_of(theirs_principal)
    roots = world.key_of(admin)
    world.manage_tenants.close(TENANT)
    elsewhere = world.another_process()
    for key in (mine, roots):
        with pytest.raises(Unauthenticated):
            elsewhere(bearer(key.text))
    assert elsewhere(bearer(theirs.text)) == theirs_principal
    for act in (world.manage_tenants.get, world.manage_tenants.close):
        with pytest.raises(NotFound):
            act(TENANT)
    assert [each.id for each in world.manage_tenants.page(10, None)[0]] == [OTHER_TENANT]


class Raced(InMemoryTenants):
    """Tenants before whose first replacement something else happens to them."""

    def __init__(self, world: Callers, meanwhile: Callable[[], object]) -> None:
        super().__init__(world.all)
        self._meanwhile = [meanwhile]

    def replace(self, before: Tenant, after: Tenant) -> bool:
        if self._meanwhile:
            self._meanwhile.pop()()
        return super().replace(before, after)


def manage_raced(world: Callers, meanwhile: Callable[[], object]) -> ManageTenants:
    return ManageTenants(
        tenants=Raced(world, meanwhile),
        principals=world.principals,
        webhooks=world.webhooks,
        clock=world.clock,
    )


def test_a_tenant_closed_while_it_is_renamed_stays_closed(world: Callers) -> None:
    raced = manage_raced(world, lambda: world.manage_tenants.close(TENANT))
    with pytest.raises(NotFound):
        raced.change(TENANT, {"name": "Acme Ltd"})
    with pytest.raises(NotFound):
        world.manage_tenants.get(TENANT)


def test_a_tenant_renamed_while_it_is_closed_is_closed_under_its_new_name(world: Callers) -> None:
    world.principal(level=Level.ADMIN)
    manage_raced(world, lambda: world.manage_tenants.change(TENANT, {"name": "Acme Ltd"})).close(
        TENANT
    )
    closed = world.tenants.get(TENANT)
    assert closed is not None
    assert (closed.name, closed.state) == ("Acme Ltd", TenantState.CLOSED)
    assert not world.all.principals


def test_a_tenant_that_two_close_at_once_is_closed_once(world: Callers) -> None:
    with pytest.raises(NotFound):
        manage_raced(world, lambda: world.manage_tenants.close(TENANT)).close(TENANT)
    closed = world.tenants.get(TENANT)
    assert closed is not None
    assert closed.state is TenantState.CLOSED


def test_a_closing_that_crashed_is_ended_when_it_is_repeated(world: Callers) -> None:
    standing = world.manage_tenants.get(TENANT)
    world.tenants.replace(standing, replace(standing, state=TenantState.CLOSING))
    world.manage_tenants.close(TENANT)
    closed = world.tenants.get(TENANT)
    assert closed is not None
    assert closed.state is TenantState.CLOSED


def test_of_two_renamings_at_once_the_later_write_stands(world: Callers) -> None:
    raced = manage_raced(world, lambda: world.manage_tenants.change(TENANT, {"name": "Theirs"}))
    assert raced.change(TENANT, {"name": "Mine"}) == world.manage_tenants.get(TENANT)


def test_a_tenant_can_be_renamed(world: Callers) -> None:
    world.clock.advance(timedelta(hours=1))
    renamed = world.manage_tenants.change(TENANT, {"name": "Acme Ltd"})
    assert world.manage_tenants.get(TENANT) == renamed
    assert (renamed.name, renamed.created_at, renamed.updated_at) == (
        "Acme Ltd",
        NOW,
        world.manage_tenants.get(TENANT).updated_at,
    )
    with pytest.raises(Rejected):
        world.manage_tenants.change(TENANT, {"name": "x" * 201})
    with pytest.raises(NotFound):
        world.manage_tenants.change(TenantId("nowhere"), {"name": "x"})
