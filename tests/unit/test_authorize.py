"""The gate: what it reads, what it raises, and that grants work at once."""

from __future__ import annotations

import pytest

from hookline.domain.identity.acts import Action, Level
from hookline.domain.identity.rights import ROOT, Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import Forbidden, NotFound
from tests.builders import TENANT, an_id
from tests.engine.callers import OTHER_TENANT, Callers

NOWHERE = TenantId("nowhere")


@pytest.fixture
def world() -> Callers:
    return Callers()


def test_a_tenants_own_levels_need_no_read_but_that_the_tenant_is_there(world: Callers) -> None:
    writer = world.principal(level=Level.WRITE)
    world.reads()
    for _ in range(5):
        world.authorize(writer, TENANT, Action.PUBLISH_EVENT)
    assert world.reads() == [f"tenant {TENANT}"]


@pytest.mark.parametrize("tenant", [OTHER_TENANT, NOWHERE, TenantId("Not An Id")])
def test_another_tenant_and_an_unknown_one_are_both_not_found(
    world: Callers, tenant: TenantId
) -> None:
    admin = world.principal(level=Level.ADMIN)
    for action in (Action.PUBLISH_EVENT, Action.READ_TENANT, Action.LIST_WEBHOOKS):
        with pytest.raises(NotFound):
            world.authorize(admin, tenant, action)


def test_even_a_global_admin_finds_no_tenant_that_is_not_there(world: Callers) -> None:
    with pytest.raises(NotFound):
        world.authorize(ROOT, NOWHERE, Action.LIST_WEBHOOKS)
    world.authorize(ROOT, OTHER_TENANT, Action.LIST_WEBHOOKS)
    world.authorize(ROOT, None, Action.LIST_TENANTS)


def test_a_tenant_that_was_looked_for_too_early_is_there_once_it_is_made(world: Callers) -> None:
    with pytest.raises(NotFound):
        world.authorize(ROOT, NOWHERE, Action.LIST_WEBHOOKS)
    world.manage_tenants.create(ROOT, {"id": NOWHERE})
    world.authorize(ROOT, NOWHERE, Action.LIST_WEBHOOKS)


def test_a_missing_level_is_forbidden_and_says_which(world: Callers) -> None:
    reader = world.principal(level=Level.READ)
    with pytest.raises(Forbidden, match="This takes the level write in the tenant"):
        world.authorize(reader, TENANT, Action.PUBLISH_EVENT)


def test_a_missing_level_on_a_webhook_that_is_not_there_is_not_found(world: Callers) -> None:
    reader = world.principal(level=Level.READ)
    with pytest.raises(Forbidden):
        world.authorize(reader, TENANT, Action.DELETE_WEBHOOK, world.webhook())
    with pytest.raises(NotFound):
        world.authorize(reader, TENANT, Action.DELETE_WEBHOOK, WebhookId(an_id("wh")))


@pytest.mark.parametrize("webhook_id", ["wh_", "x", "wh_" + "Z" * 26, "wh_#", "wh_" + "0" * 3000])
def test_what_no_webhook_could_be_called_is_not_found_without_a_read(
    world: Callers, webhook_id: str
) -> None:
    world.reads()
    with pytest.raises(NotFound):
        world.authorize(ROOT, TENANT, Action.READ_WEBHOOK, WebhookId(webhook_id))
    assert world.reads() == []


def test_a_webhook_of_another_tenant_is_not_found(world: Callers) -> None:
    theirs = world.webhook(OTHER_TENANT)
    limited = world.principal(on={world.webhook(): Level.ADMIN})
    with pytest.raises(NotFound):
        world.authorize(limited, TENANT, Action.READ_WEBHOOK, theirs)
    with pytest.raises(NotFound):
        world.authorize(limited, OTHER_TENANT, Action.READ_WEBHOOK, theirs)


def test_one_webhook_makes_the_tenant_visible_but_no_other_webhook(world: Callers) -> None:
    mine, other = world.webhook(), world.webhook()
    limited = world.principal(on={mine: Level.WRITE})
    world.authorize(limited, TENANT, Action.UPDATE_WEBHOOK, mine)
    world.authorize(limited, TENANT, Action.LIST_WEBHOOKS)
    with pytest.raises(Forbidden):
        world.authorize(limited, TENANT, Action.READ_EVENTS)
    with pytest.raises(NotFound):
        world.authorize(limited, TENANT, Action.READ_WEBHOOK, other)


def test_a_principal_without_any_right_does_not_see_its_own_tenant(world: Callers) -> None:
    nobody = world.principal()
    with pytest.raises(NotFound):
        world.authorize(nobody, TENANT, Action.LIST_WEBHOOKS)


def test_a_level_given_meanwhile_works_at_once(world: Callers) -> None:
    cached = world.principal(level=Level.READ)
    world.manage_principals.change(ROOT, TENANT, cached.id, {"level": "write"})
    decided = world.authorize(cached, TENANT, Action.PUBLISH_EVENT)
    assert decided.level is Level.WRITE


def test_a_principal_deleted_meanwhile_is_denied_what_it_lacks(world: Callers) -> None:
    cached = world.principal(level=Level.READ)
    world.manage_principals.delete(ROOT, TENANT, cached.id)
    with pytest.raises(NotFound):
        world.authorize(cached, TENANT, Action.PUBLISH_EVENT)


def test_the_creator_of_a_webhook_is_its_admin_at_once(world: Callers) -> None:
    writer = world.principal(level=Level.WRITE, default=Level.READ)
    webhook_id = world.webhook()
    with pytest.raises(Forbidden):
        world.authorize(writer, TENANT, Action.DELETE_WEBHOOK, webhook_id)
    world.authorize.becomes_admin(writer, TENANT, webhook_id)
    world.authorize(writer, TENANT, Action.DELETE_WEBHOOK, webhook_id)


def test_the_root_key_and_foreign_global_admins_leave_no_level_behind(world: Callers) -> None:
    foreign = world.principal(tenant=OTHER_TENANT, global_admin=True)
    for creator in (ROOT, foreign):
        world.authorize.becomes_admin(creator, TENANT, world.webhook())
    assert world.all.rights == {}


def test_nobody_gets_into_a_tenant_that_is_being_closed(world: Callers) -> None:
    admin = world.principal(level=Level.ADMIN)
    world.authorize(admin, TENANT, Action.LIST_WEBHOOKS)
    world.manage_tenants.close(TENANT)
    for caller in (admin, ROOT):
        with pytest.raises(NotFound):
            world.authorize(caller, TENANT, Action.LIST_WEBHOOKS)


def test_a_list_holds_what_its_reader_may_see(world: Callers) -> None:
    one, two, three = (world.webhook() for _ in range(3))
    everything = frozenset({one, two, three})

    def seen(principal: Principal, tenant: TenantId = TENANT) -> frozenset[WebhookId]:
        return world.authorize.visible(principal, tenant, [one, two, three])

    assert seen(ROOT) == everything
    assert seen(world.principal(level=Level.READ)) == everything
    assert seen(world.principal(default=Level.READ)) == everything
    assert seen(world.principal(on={one: Level.READ, three: Level.ADMIN})) == {one, three}
    assert seen(world.principal()) == frozenset()
    assert seen(world.principal(tenant=OTHER_TENANT, level=Level.ADMIN)) == frozenset()
