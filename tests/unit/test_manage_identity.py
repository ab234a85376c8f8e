"""Principals, keys and rights: made, changed and ended, without a way to more rights."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.identity import api_keys
from hookline.domain.identity.acts import Level
from hookline.domain.identity.rights import ROOT, EffectiveLevel, Principal
from hookline.domain.ids import PrincipalId, WebhookId
from hookline.errors import Conflict, Forbidden, NotFound, Rejected
from hookline.services.identity.manage_rights import Holder
from tests.builders import TENANT, an_id
from tests.engine.callers import OTHER_TENANT, Callers, bearer, stranger


@pytest.fixture
def world() -> Callers:
    return Callers()


# -- who may touch a global admin ---------------------------------------------------------


def escalations(world: Callers, target: Principal) -> list[Callable[[Principal], object]]:
    """All that would give somebody a hold on ``target``, by who does it."""
    principals, keys, key = world.manage_principals, world.manage_keys, world.key_of(target)
    return [
        lambda caller: keys.issue(caller, TENANT, target.id, None),
        lambda caller: keys.revoke(caller, TENANT, target.id, key.key.id),
        lambda caller: principals.change(caller, TENANT, target.id, {"name": "x"}),
        lambda caller: principals.delete(caller, TENANT, target.id),
    ]


def test_a_tenant_admin_gets_no_hold_on_a_global_admin(world: Callers) -> None:
    admin = world.principal(level=Level.ADMIN)
    target = world.principal(global_admin=True)
    before = world.principals.get(TENANT, target.id)
    for act in escalations(world, target):
        with pytest.raises(Forbidden, match="global admin"):
            act(admin)
    after = world.principals.get(TENANT, target.id)
    assert before is not None
    assert after is not None
    assert after.principal == before.principal
    assert len(after.key_ids) == 1


@pytest.mark.parametrize("caller", ["root", "global"])
def test_a_global_admin_manages_global_admins(world: Callers, caller: str) -> None:
    who = ROOT if caller == "root" else world.principal(tenant=OTHER_TENANT, global_admin=True)
    for act in escalations(world, world.principal(global_admin=True)):
        act(who)


def test_a_tenant_admin_makes_nobody_a_global_admin(world: Callers) -> None:
    admin = world.principal(level=Level.ADMIN)
    with pytest.raises(Forbidden):
        world.manage_principals.create(admin, TENANT, {"name": "x", "global_admin": True})
    for target in (admin, world.principal()):
        with pytest.raises(Forbidden):
            world.manage_principals.change(admin, TENANT, target.id, {"global_admin": True})
    assert not any(p.principal.global_admin for p in world.all.principals.values())


def test_a_tenant_admin_manages_everybody_else_in_the_tenant(world: Callers) -> None:
    admin = world.principal(level=Level.ADMIN)
    for act in escalations(world, world.principal(level=Level.ADMIN)):
        act(admin)


# -- principals ---------------------------------------------------------


def test_a_change_keeps_what_it_does_not_name(world: Callers) -> None:
    made = world.principal(level=Level.READ, default=Level.WRITE)
    changed = world.manage_principals.change(ROOT, TENANT, made.id, {"name": "renamed"})
    assert changed.principal == replace(made, name="renamed")
    assert changed.version == 2


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_against_the_rules_is_rejected(world: Callers, name: str) -> None:
    with pytest.raises(Rejected):
        world.manage_principals.create(ROOT, TENANT, {"name": name})
    made = world.principal()
    with pytest.raises(Rejected):
        world.manage_principals.change(ROOT, TENANT, made.id, {"name": name})


def test_a_principal_of_another_tenant_is_not_found(world: Callers) -> None:
    theirs = world.principal(tenant=OTHER_TENANT, level=Level.READ)
    with pytest.raises(NotFound):
        world.manage_principals.get(TENANT, theirs.id)
    with pytest.raises(NotFound):
        world.manage_principals.delete(ROOT, TENANT, theirs.id)


@pytest.mark.parametrize("principal_id", ["tenant", "key", "prn_", "right#x#y", "prn_x#y"])
def test_nothing_but_principals_is_reached_by_their_path(world: Callers, principal_id: str) -> None:
    world.reads()
    with pytest.raises(NotFound):
        world.manage_principals.get(TENANT, PrincipalId(principal_id))
    assert world.reads() == []


def test_an_edit_that_another_one_outran_is_a_conflict(world: Callers) -> None:
    made = world.principal()

    class Late(dict[str, object]):
        """A patch that takes so long to read that a key is issued meanwhile."""

        def items(self) -> Any:
            world.manage_keys.issue(ROOT, TENANT, made.id, None)
            return super().items()

    with pytest.raises(Conflict, match="at the same time"):
        world.manage_principals.change(ROOT, TENANT, made.id, Late(name="late"))


# -- keys ---------------------------------------------------------


def test_an_issued_key_works_and_is_kept_only_as_its_digest(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    issued = world.key_of(principal)
    assert re.fullmatch(api_keys.PATTERN, issued.text)
    assert world.authenticate(bearer(issued.text)) == principal
    secret = issued.text.rpartition("_")[2]
    assert secret not in repr(world.all.keys)
    assert secret not in repr(issued)


def test_a_third_live_key_is_refused_until_one_is_revoked_or_expires(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    first = world.key_of(principal, world.clock() + timedelta(hours=1))
    second = world.key_of(principal)
    with pytest.raises(Conflict, match="2 live keys"):
        world.key_of(principal)
    world.clock.advance(timedelta(hours=1))
    third = world.key_of(principal)
    assert [key.id for key in world.manage_keys.all(TENANT, principal.id)] == [
        third.key.id,
        second.key.id,
    ]
    assert first.key.id not in world.all.keys
    world.manage_keys.revoke(ROOT, TENANT, principal.id, second.key.id)
    world.key_of(principal)


def test_an_expiry_in_the_past_is_rejected(world: Callers) -> None:
    principal = world.principal(level=Level.READ)
    with pytest.raises(Rejected):
        world.key_of(principal, world.clock())


def test_a_key_is_found_only_under_its_own_principal(world: Callers) -> None:
    owner, other = world.principal(), world.principal()
    key = world.key_of(owner).key
    assert world.manage_keys.get(TENANT, owner.id, key.id) == key
    for act in (
        lambda: world.manage_keys.get(TENANT, other.id, key.id),
        lambda: world.manage_keys.revoke(ROOT, TENANT, other.id, key.id),
        lambda: world.manage_keys.get(OTHER_TENANT, owner.id, key.id),
        lambda: world.manage_keys.issue(ROOT, TENANT, stranger(), None),
    ):
        with pytest.raises(NotFound):
            act()


# -- rights on a webhook ---------------------------------------------------------


def test_the_rights_on_a_webhook_say_whose_and_why(world: Callers) -> None:
    webhook_id = world.webhook()
    boss = world.principal(global_admin=True)
    admin = world.principal(level=Level.ADMIN, on={webhook_id: Level.READ})
    own = world.principal(level=Level.READ, default=Level.READ, on={webhook_id: Level.WRITE})
    default = world.principal(level=Level.READ, default=Level.ADMIN)
    reader = world.principal(level=Level.READ)
    world.principal()
    world.principal(tenant=OTHER_TENANT, global_admin=True)
    holders, further = world.manage_rights.holders(TENANT, webhook_id, 50, None)
    assert list(holders) == [
        Holder(reader.id, "someone", EffectiveLevel(Level.READ, "tenant")),
        Holder(default.id, "someone", EffectiveLevel(Level.ADMIN, "default")),
        Holder(own.id, "someone", EffectiveLevel(Level.WRITE, "webhook")),
        Holder(admin.id, "someone", EffectiveLevel(Level.ADMIN, "tenant")),
        Holder(boss.id, "someone", EffectiveLevel(Level.ADMIN, "global")),
    ]
    assert further is None


def test_the_rights_page_past_those_who_have_none(world: Callers) -> None:
    webhook_id = world.webhook()
    first = world.principal(level=Level.READ)
    for _ in range(7):
        world.principal()
    second = world.principal(level=Level.READ)
    found: list[PrincipalId] = []
    page, further = world.manage_rights.holders(TENANT, webhook_id, 2, None)
    found += [holder.principal_id for holder in page]
    while further is not None:
        page, further = world.manage_rights.holders(TENANT, webhook_id, 2, further)
        found += [holder.principal_id for holder in page]
    assert found == [second.id, first.id]


def test_a_level_is_given_and_taken(world: Callers) -> None:
    webhook_id, principal = world.webhook(), world.principal()
    world.manage_rights.give(TENANT, webhook_id, principal.id, Level.WRITE)
    assert world.rights.levels(TENANT, principal.id, [webhook_id]) == {webhook_id: Level.WRITE}
    world.manage_rights.take(TENANT, webhook_id, principal.id)
    assert world.rights.levels(TENANT, principal.id, [webhook_id]) == {}
    with pytest.raises(NotFound):
        world.manage_rights.take(TENANT, webhook_id, principal.id)


def test_no_level_reaches_across_tenants_or_to_what_is_not_there(world: Callers) -> None:
    mine, theirs = world.webhook(), world.webhook(OTHER_TENANT)
    principal = world.principal()
    foreigner = world.principal(tenant=OTHER_TENANT)
    for webhook_id, principal_id in [
        (mine, foreigner.id),
        (theirs, principal.id),
        (mine, stranger()),
        (WebhookId(an_id("wh")), principal.id),
        (mine, PrincipalId("tenant")),
    ]:
        with pytest.raises(NotFound):
            world.manage_rights.give(TENANT, webhook_id, principal_id, Level.ADMIN)
    assert world.all.rights == {}
