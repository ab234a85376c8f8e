"""The ports `Webhooks`, `WebhookChanges` and `Subscriptions`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import (
    BasicAuth,
    BearerAuth,
    RetryPolicy,
    Scope,
    Webhook,
    subscriptions_of,
)
from hookline.ports.webhooks import NameTaken, Saved, VersionChanged
from tests.builders import TENANT, a_webhook, an_id
from tests.contract.ports import Ports

EVERYTHING = a_webhook(
    description="all of it",
    method="PUT",
    content_type="application/xml",
    headers={"X-Plain": "a", "X-Token": "*****"},
    enabled=False,
    scope=Scope(frozenset({"p1", "p2"}), frozenset({"e1"}), frozenset({"prod"})),
    filter="data.rows > `10`",
    context="prod/mobile",
    user="ada",
    body_template="<e>{{event.id}}</e>",
    include_entity=False,
    signatures=("standard", "hmac-sha1"),
    auth=BasicAuth("ada"),
    ca_certificate="-----BEGIN CERTIFICATE-----",
    timeout=timedelta(seconds=2.5),
    retry=RetryPolicy(timedelta(seconds=1), 1.5, timedelta(hours=1), 7, timedelta(days=2)),
    rate_limit_per_second=0.5,
    version=12,
)
FORTY_FIVE = tuple(f"type.{number}" for number in range(45))


def another(**overrides: object) -> Webhook:
    return a_webhook(**({"id": WebhookId(an_id("wh"))} | overrides))


def edited(webhook: Webhook, **changes: object) -> Webhook:
    return replace(webhook, version=webhook.version + 1, **changes)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("webhook", [a_webhook(), EVERYTHING, a_webhook(auth=BearerAuth())])
def test_a_webhook_reads_as_it_was_created(ports: Ports, webhook: Webhook) -> None:
    assert ports.webhook_changes.create(webhook) == Saved()
    assert ports.webhooks.get(webhook.tenant, webhook.id) == webhook


def test_an_unknown_webhook_and_another_tenants_read_as_none(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    assert ports.webhooks.get(TENANT, WebhookId(an_id("wh"))) is None
    assert ports.webhooks.get(TenantId("globex"), webhook.id) is None


def test_the_guard_of_a_name_does_not_read_as_a_webhook(ports: Ports) -> None:
    ports.webhook_changes.create(a_webhook(name="deploys"))
    assert ports.webhooks.get(TENANT, WebhookId("name#deploys")) is None


def test_two_webhooks_of_a_tenant_cannot_share_a_name(ports: Ports) -> None:
    ports.webhook_changes.create(a_webhook(name="deploys"))
    second = another(name="deploys", events=("other",))
    assert ports.webhook_changes.create(second) == NameTaken()
    assert ports.webhooks.get(TENANT, second.id) is None
    assert ports.subscriptions.under(TENANT, ["other"]) == []


def test_two_tenants_can(ports: Ports) -> None:
    ports.webhook_changes.create(a_webhook(name="deploys"))
    theirs = another(name="deploys", tenant=TenantId("globex"))
    assert ports.webhook_changes.create(theirs) == Saved()


def test_creating_the_same_webhook_again_changes_nothing(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    assert ports.webhook_changes.create(webhook) == Saved()


def test_a_replaced_webhook_reads_as_replaced(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    after = edited(webhook, url="https://example.com/other", filter="data")
    assert ports.webhook_changes.replace(webhook, after) == Saved()
    assert ports.webhooks.get(TENANT, webhook.id) == after


def test_of_two_edits_of_one_version_the_second_loses(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    first, second = edited(webhook, user="a"), edited(webhook, user="b", events=("lost",))
    ports.webhook_changes.replace(webhook, first)
    assert ports.webhook_changes.replace(webhook, second) == VersionChanged()
    assert ports.webhooks.get(TENANT, webhook.id) == first
    assert ports.subscriptions.under(TENANT, ["lost"]) == []


def test_the_same_edit_again_is_saved(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    after = edited(webhook, user="a", name="renamed")
    ports.webhook_changes.replace(webhook, after)
    assert ports.webhook_changes.replace(webhook, after) == Saved()


def test_an_edit_of_a_deleted_webhook_loses(ports: Ports) -> None:
    webhook = a_webhook()
    assert ports.webhook_changes.replace(webhook, edited(webhook)) == VersionChanged()


def test_a_rename_frees_the_old_name_and_takes_the_new_one(ports: Ports) -> None:
    webhook = a_webhook(name="old")
    ports.webhook_changes.create(webhook)
    ports.webhook_changes.replace(webhook, edited(webhook, name="new"))
    assert ports.webhook_changes.create(another(name="new")) == NameTaken()
    assert ports.webhook_changes.create(another(name="old")) == Saved()


def test_a_rename_to_a_taken_name_changes_nothing(ports: Ports) -> None:
    webhook = a_webhook(name="mine")
    ports.webhook_changes.create(webhook)
    ports.webhook_changes.create(another(name="theirs"))
    after = edited(webhook, name="theirs", events=("x",))
    assert ports.webhook_changes.replace(webhook, after) == NameTaken()
    assert ports.webhooks.get(TENANT, webhook.id) == webhook
    assert ports.subscriptions.under(TENANT, ["x"]) == []


def test_subscriptions_say_what_matching_needs(ports: Ports) -> None:
    webhook = replace(EVERYTHING, enabled=True, events=("flow.*", "*"))
    ports.webhook_changes.create(webhook)
    assert list(ports.subscriptions.under(TENANT, ["*", "flow.*", "flow.executed"])) == [
        *reversed(subscriptions_of(webhook))
    ]


def test_subscriptions_of_all_webhooks_under_a_pattern_are_found(ports: Ports) -> None:
    webhooks = [another() for _ in range(5)]
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    ports.webhook_changes.create(another(tenant=TenantId("globex")))
    found = ports.subscriptions.under(TENANT, ["flow.*"])
    assert {each.webhook_id for each in found} == {each.id for each in webhooks}


def test_a_webhook_that_is_off_has_no_subscriptions(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    off = edited(webhook, enabled=False)
    ports.webhook_changes.replace(webhook, off)
    assert ports.subscriptions.under(TENANT, ["flow.*"]) == []
    ports.webhook_changes.replace(off, edited(off, enabled=True))
    assert len(ports.subscriptions.under(TENANT, ["flow.*"])) == 1


def test_subscriptions_follow_every_edit(ports: Ports) -> None:
    webhook = a_webhook(events=("a", "b"))
    ports.webhook_changes.create(webhook)
    after = edited(webhook, events=("b", "c"), filter="data")
    ports.webhook_changes.replace(webhook, after)
    assert list(ports.subscriptions.under(TENANT, ["a", "b", "c"])) == [*subscriptions_of(after)]


def test_all_45_patterns_can_change_in_one_edit_with_the_name(ports: Ports) -> None:
    webhook = a_webhook(name="a", events=FORTY_FIVE)
    ports.webhook_changes.create(webhook)
    others = tuple(f"other.{number}" for number in range(45))
    after = edited(webhook, name="b", events=others)
    assert ports.webhook_changes.replace(webhook, after) == Saved()
    assert ports.subscriptions.under(TENANT, FORTY_FIVE) == []
    assert len(ports.subscriptions.under(TENANT, others)) == 45


def test_a_deleted_webhook_leaves_neither_name_nor_subscriptions(ports: Ports) -> None:
    webhook = a_webhook(name="deploys")
    ports.webhook_changes.create(webhook)
    assert ports.webhook_changes.delete(webhook) == Saved()
    assert ports.webhooks.get(TENANT, webhook.id) is None
    assert ports.subscriptions.under(TENANT, ["flow.*"]) == []
    assert ports.webhook_changes.create(another(name="deploys")) == Saved()


def test_deleting_again_harms_nobody_who_took_the_name(ports: Ports) -> None:
    webhook = a_webhook(name="deploys")
    ports.webhook_changes.create(webhook)
    ports.webhook_changes.delete(webhook)
    heir = another(name="deploys")
    ports.webhook_changes.create(heir)
    assert ports.webhook_changes.delete(webhook) == Saved()
    assert ports.webhook_changes.create(another(name="deploys")) == NameTaken()
    assert ports.webhooks.get(TENANT, heir.id) == heir


def test_deleting_an_older_version_loses(ports: Ports) -> None:
    webhook = a_webhook()
    ports.webhook_changes.create(webhook)
    after = edited(webhook)
    ports.webhook_changes.replace(webhook, after)
    assert ports.webhook_changes.delete(webhook) == VersionChanged()
    assert ports.webhooks.get(TENANT, webhook.id) == after


def test_pages_go_from_the_newest_to_the_oldest(ports: Ports) -> None:
    webhooks = [another() for _ in range(5)]
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    newest_first = sorted(webhooks, key=lambda webhook: webhook.id, reverse=True)
    first, cursor = ports.webhooks.page(TENANT, 2, None)
    second, cursor2 = ports.webhooks.page(TENANT, 2, cursor)
    third, cursor3 = ports.webhooks.page(TENANT, 2, cursor2)
    assert [*first, *second, *third] == newest_first
    assert cursor3 is None


def test_a_tenants_webhooks_are_counted_and_nobody_elses(ports: Ports) -> None:
    assert ports.webhooks.count(TENANT) == 0
    webhooks = [another() for _ in range(3)]
    for webhook in (*webhooks, another(tenant=TenantId("other"))):
        ports.webhook_changes.create(webhook)
    ports.webhook_changes.replace(webhooks[0], edited(webhooks[0], name="renamed"))
    ports.webhook_changes.delete(webhooks[1])
    assert ports.webhooks.count(TENANT) == 2


def test_a_page_that_holds_the_rest_is_the_last(ports: Ports) -> None:
    webhooks = sorted((another() for _ in range(4)), key=lambda webhook: webhook.id)
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    _, cursor = ports.webhooks.page(TENANT, 2, None)
    assert ports.webhooks.page(TENANT, 2, cursor) == ([webhooks[1], webhooks[0]], None)


def test_a_page_goes_on_where_a_deleted_webhook_was(ports: Ports) -> None:
    webhooks = sorted((another() for _ in range(4)), key=lambda webhook: webhook.id)
    for webhook in webhooks:
        ports.webhook_changes.create(webhook)
    _, cursor = ports.webhooks.page(TENANT, 2, None)
    ports.webhook_changes.delete(webhooks[2])
    assert ports.webhooks.page(TENANT, 2, cursor) == ([webhooks[1], webhooks[0]], None)


def test_a_tenant_without_webhooks_has_an_empty_page(ports: Ports) -> None:
    assert ports.webhooks.page(TENANT, 50, None) == ([], None)
