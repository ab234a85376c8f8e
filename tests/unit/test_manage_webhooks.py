"""Edits of webhooks: races, outages, and what an edit changes besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from hookline.domain.identity.acts import Action
from hookline.domain.identity.rights import ROOT
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.surroundings import Surroundings
from hookline.errors import Conflict, Forbidden, PreconditionFailed
from hookline.services.webhook.manage_webhooks import ManageWebhooks, WebhookStores
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.health import InMemoryWebhookHealth
from tests.engine.webhooks import InMemoryVault, InMemoryWebhooks
from tests.unit.desk import Desk, Gate, HealthOutage, HealthOutrun, Raced, Told


@pytest.fixture
def desk() -> Callable[..., Desk]:
    def made(
        *,
        races: int = 0,
        outage: bool = False,
        refused: frozenset[Action] = frozenset(),
        health: InMemoryWebhookHealth | None = None,
        most: int = 10,
    ) -> Desk:
        webhooks = InMemoryWebhooks()
        health = health or InMemoryWebhookHealth()
        gate, told = Gate(refused), Told(outage)
        numbers = count(1)
        manage = ManageWebhooks(
            stores=WebhookStores(
                webhooks=webhooks,
                changes=Raced(webhooks, races),
                vault=InMemoryVault(),
                health=health,
            ),
            rules=Surroundings(allow_http=False, retention=timedelta(days=30)),
            most=most,
            authorize=gate,
            announce=told,
            switched_on=told.switched_on.append,
            clock=FakeClock(),
            randomness=lambda size: next(numbers).to_bytes(size),
        )
        return Desk(manage, webhooks, health, gate, told)

    return made


def test_a_tenant_has_as_many_webhooks_as_it_may_and_not_one_more(
    desk: Callable[..., Desk],
) -> None:
    here = desk(most=2)
    here.a_webhook(name="one")
    second = here.a_webhook(name="two")
    with pytest.raises(Conflict, match="2 webhooks at most") as refused:
        here.a_webhook(name="three")
    assert refused.value.code == "limit_reached"
    here.manage.delete(TENANT, second.id)
    assert here.a_webhook(name="three").name == "three"


def test_an_edit_that_lost_a_race_is_made_on_what_won(desk: Callable[..., Desk]) -> None:
    here = desk(races=2)
    made = here.a_webhook()
    after = here.manage.patch(ROOT, TENANT, made.id, {"name": "mine"})
    assert (after.name, after.description, after.version) == ("mine", "theirs", 4)


def test_an_edit_that_loses_every_race_is_a_conflict(desk: Callable[..., Desk]) -> None:
    here = desk(races=9)
    with pytest.raises(Conflict):
        here.manage.patch(ROOT, TENANT, here.a_webhook().id, {"name": "mine"})


def test_an_edit_of_one_version_never_overwrites_another(desk: Callable[..., Desk]) -> None:
    here = desk(races=1)
    with pytest.raises(PreconditionFailed):
        here.manage.patch(ROOT, TENANT, here.a_webhook().id, {"name": "mine"}, if_match="1")


def test_every_edit_is_announced_once(desk: Callable[..., Desk]) -> None:
    here = desk(races=1)
    made = here.a_webhook()
    here.manage.patch(ROOT, TENANT, made.id, {"name": "mine"})
    here.manage.delete(TENANT, made.id)
    assert here.told.heard == ["created 1", "updated 3", "deleted 3"]


def test_an_outage_of_announcing_fails_no_edit(desk: Callable[..., Desk]) -> None:
    here = desk(outage=True)
    made = here.a_webhook()
    assert here.manage.patch(ROOT, TENANT, made.id, {"name": "mine"}).name == "mine"
    here.manage.delete(TENANT, made.id)
    assert here.webhooks.get(TENANT, made.id) is None


def test_the_creator_becomes_admin_as_iz_9_has_it(desk: Callable[..., Desk]) -> None:
    here = desk()
    assert here.gate.admins == [(ROOT.id, here.a_webhook().id)]


def test_switching_on_forgets_why_the_platform_switched_off(desk: Callable[..., Desk]) -> None:
    here = desk()
    made = here.a_webhook(enabled=False)
    (before,) = here.health.get_many([(TENANT, made.id)])
    here.health.replace(before, replace(before, disabled_reason="410"))
    here.manage.patch(ROOT, TENANT, made.id, {"enabled": True})
    (after,) = here.health.get_many([(TENANT, made.id)])
    assert after.disabled_reason is None


def test_switching_on_forgets_the_reason_whatever_else_changes_the_health_meanwhile(
    desk: Callable[..., Desk],
) -> None:
    health = HealthOutrun()
    here = desk(health=health)
    made = here.a_webhook(enabled=False)
    (before,) = health.get_many([(TENANT, made.id)])
    health.replace(before, replace(before, disabled_reason="410"))
    health.races = 2
    here.manage.patch(ROOT, TENANT, made.id, {"enabled": True})
    (after,) = health.get_many([(TENANT, made.id)])
    assert after.disabled_reason is None


def test_the_reason_of_being_off_once_more_is_kept(desk: Callable[..., Desk]) -> None:
    health = HealthOutrun()
    here = desk(health=health)
    made = here.a_webhook(enabled=False)
    (before,) = health.get_many([(TENANT, made.id)])
    health.replace(before, replace(before, disabled_reason="410"))

    def off_again(stands: Health) -> Health:
        webhook = here.manage.get(TENANT, made.id)
        here.webhooks.replace(webhook, replace(webhook, enabled=False, version=3))
        return replace(stands, disabled_reason="410 again")

    health.races, health.meanwhile = 1, off_again
    here.manage.patch(ROOT, TENANT, made.id, {"enabled": True})
    (after,) = health.get_many([(TENANT, made.id)])
    assert after.disabled_reason == "410 again"


def test_a_deleted_webhook_is_looked_after_whatever_else_changes_its_health_meanwhile(
    desk: Callable[..., Desk],
) -> None:
    health = HealthOutrun()
    here = desk(health=health)
    made = here.a_webhook()
    health.races = 2
    here.manage.delete(TENANT, made.id)
    assert [each.webhook_id for each in health.with_waiting()] == [made.id]


def test_an_outage_of_health_keeps_no_webhook_from_being_switched_on_and_told_of(
    desk: Callable[..., Desk],
) -> None:
    here = desk(health=HealthOutage())
    made = here.a_webhook(enabled=False)
    after = here.manage.patch(ROOT, TENANT, made.id, {"enabled": True})
    assert here.told.switched_on == [after]
    assert here.told.heard == ["created 1", "updated 2"]


def test_a_scope_widened_to_global_takes_what_creating_one_takes(
    desk: Callable[..., Desk],
) -> None:
    here = desk(refused=frozenset({Action.WIDEN_GLOBAL_WEBHOOK}))
    scoped = here.a_webhook(scope={"projects": ["a"]})
    with pytest.raises(Forbidden):
        here.manage.patch(ROOT, TENANT, scoped.id, {"scope": {"projects": []}})
    with pytest.raises(Forbidden):
        here.manage.patch(ROOT, TENANT, scoped.id, {"scope": {"projects": ["*"]}})
    here.manage.patch(ROOT, TENANT, scoped.id, {"scope": {"projects": ["b"]}})
    already = here.a_webhook(name="global")
    here.manage.patch(ROOT, TENANT, already.id, {"scope": {"environments": ["prod"]}})


def test_an_edit_without_new_secrets_seals_nothing_anew(desk: Callable[..., Desk]) -> None:
    here = desk()
    made = here.a_webhook(auth={"type": "bearer", "token": "t"})
    after = here.manage.patch(ROOT, TENANT, made.id, {"auth": {"token": "*****"}})
    assert after.sealed_secrets == made.sealed_secrets
    changed = here.manage.patch(ROOT, TENANT, made.id, {"auth": {"token": "u"}})
    assert changed.sealed_secrets != made.sealed_secrets


WIDER = {"events": ["*", "hookline.*"]}
ELSEWHERE = {"url": "https://example.net"}
SECRET = {"secret": f"whsec_{'A' * 43}="}


@pytest.mark.parametrize(
    ("patch", "refused"),
    [
        (WIDER, Action.WIDEN_GLOBAL_WEBHOOK),
        (WIDER | {"scope": {"projects": ["a"]}}, Action.WIDEN_WEBHOOK),
        (ELSEWHERE, Action.MOVE_WEBHOOK),
        (SECRET, Action.ROTATE_SECRET),
    ],
)
def test_an_edit_that_is_more_than_one_takes_that_right_too(
    desk: Callable[..., Desk], patch: dict[str, object], refused: Action
) -> None:
    here = desk(refused=frozenset({refused}))
    made = here.a_webhook()
    with pytest.raises(Forbidden):
        here.manage.patch(ROOT, TENANT, made.id, patch)
    assert here.manage.get(TENANT, made.id) == made


def test_a_url_of_another_origin_with_a_new_secret_takes_the_right_to_edit_alone(
    desk: Callable[..., Desk],
) -> None:
    here = desk(refused=frozenset({Action.MOVE_WEBHOOK, Action.ROTATE_SECRET}))
    made = here.a_webhook()
    moved = here.manage.patch(ROOT, TENANT, made.id, ELSEWHERE | SECRET)
    assert moved.url == "https://example.net"
