"""Screens 2 to 5 by keyboard alone: nothing here touches a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.console.keyboard import pressed, tabbed_to, typed
from tests.e2e.tenant import Hook, Tenant

SLOWLY = {"initial_delay_seconds": 3600, "multiplier": 1}


@pytest.fixture
def keys(browser: Browser, here: Served) -> Iterator[Window]:
    with window(browser, here.addresses.api, here.addresses.root_key) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
def tenant(here: Served) -> Tenant:
    return Tenant(here.addresses)


def waiting(tenant: Tenant, behaviour: str = "/fail/1") -> tuple[Hook, str]:
    """A webhook whose only delivery waits for an hour, and the delivery's id."""
    hook = tenant.hook(behaviour, name="by keys", retry=SLOWLY)
    found = hook.delivered(tenant.publish(), "retrying", attempts=1)
    return hook, str(found["id"])


def confirmed(page: Page, word: str) -> None:
    """Answers the dialog that asks."""
    expect(page.get_by_role("dialog")).to_be_visible()
    pressed(page, word)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_from_the_table_to_a_delivery_that_is_sent_again(keys: Window, tenant: Tenant) -> None:
    waiting(tenant)
    page = keys.open(f"t/{tenant.name}/webhooks")
    pressed(page, "by keys")
    expect(page.get_by_role("heading", name="by keys")).to_be_visible()
    pressed(page, "Logs")
    expect(page.locator("tbody tr")).to_have_count(1)
    pressed(page, "thing.happened")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    pressed(page, "Cancel")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    pressed(page, "Retry now")
    expect(page.locator(".head .status.ok")).to_be_visible()


def test_a_webhook_is_made_and_edited(keys: Window, tenant: Tenant) -> None:
    page = keys.open(f"t/{tenant.name}/webhooks/new")
    typed(page, "name", "typed")
    typed(page, "url", f"{tenant.receiver.base}{tenant.path()}")
    typed(page, "events", "*")
    pressed(page, "Create webhook")
    expect(page.get_by_role("dialog")).to_contain_text("whsec_")
    pressed(page, "Open it")
    expect(page.get_by_role("heading", name="typed")).to_be_visible()
    pressed(page, "Edit")
    expect(page.locator("[name=name]")).to_have_value("typed")
    typed(page, "name", "typed again")
    pressed(page, "Look at the changes")
    expect(page.get_by_role("dialog").locator("ins")).to_have_text("typed again")
    pressed(page, "Save")
    expect(page.get_by_role("heading", name="typed again")).to_be_visible()


def test_the_table_is_searched_and_several_are_switched_off(keys: Window, tenant: Tenant) -> None:
    for name in ("one", "two", "other"):
        tenant.hook(name=name)
    page = keys.open(f"t/{tenant.name}/webhooks")
    for name in ("Choose one", "Choose two"):
        pressed(page, name, "Space")
    pressed(page, "Switch off")
    expect(page.locator(".status.off")).to_have_count(2)
    typed(page, "Name or address", "other")
    expect(page.locator("tbody tr")).to_have_count(1)
    tabbed_to(page, "State")
    page.keyboard.type("switched")
    expect(page.get_by_text("No webhook matches")).to_be_visible()


def test_a_webhook_is_tested_rotated_and_deleted(keys: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="all of it")
    page = keys.open(f"t/{tenant.name}/webhooks/{hook.id}")
    pressed(page, "Send a test")
    expect(page).to_have_url(re.compile("/deliveries/dlv_"))
    expect(page.locator(".head .status.ok")).to_be_visible()
    keys.open(f"t/{tenant.name}/webhooks/{hook.id}")
    pressed(page, "Rotate secret")
    expect(page.get_by_role("dialog")).to_be_visible()
    pressed(page, "Rotate")
    expect(page.get_by_role("dialog")).to_contain_text("signs too until")
    pressed(page, "Close")
    expect(page.get_by_role("dialog")).to_have_count(0)
    pressed(page, "Delete")
    confirmed(page, "Delete")
    expect(page).to_have_url(re.compile("/webhooks$"))
    assert tenant.api("GET", hook.at).status == 404


def test_rights_are_given_and_what_failed_is_recovered(keys: Window, tenant: Tenant) -> None:
    hook = tenant.hook("/status/500", name="was down", retry={"max_attempts": 1})
    hook.delivered(tenant.publish(), "failed")
    tenant.principal(name="reader")
    page = keys.open(f"t/{tenant.name}/webhooks/{hook.id}")
    pressed(page, "Rights")
    expect(page.get_by_label("Principal").locator("option", has_text="reader")).to_be_attached()
    tabbed_to(page, "Principal")
    page.keyboard.type("reader")
    pressed(page, "Give this level")
    expect(page.get_by_label("Level of reader")).to_have_value("read")
    keys.open(f"t/{tenant.name}/webhooks/{hook.id}")
    pressed(page, "Recover")
    pressed(page, "Count first")
    expect(page.locator(".notice")).to_contain_text("1 failed deliveries")
    pressed(page, "Send them again")
    expect(page.locator("tbody")).to_contain_text("1 of 1")


def test_the_log_is_filtered_and_several_are_cancelled(keys: Window, tenant: Tenant) -> None:
    hook, _ = waiting(tenant, "/fail/9")
    hook.delivered(tenant.publish(type="other.thing"), "retrying", attempts=1)
    page = keys.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs")
    expect(page.locator("tbody tr")).to_have_count(2)
    typed(page, "Event type", "other.thing")
    expect(page.locator("tbody tr")).to_have_count(1)
    box = page.locator("tbody input[type=checkbox]").get_attribute("aria-label")
    assert box is not None
    pressed(page, box, "Space")
    pressed(page, "Cancel")
    expect(page.locator("tbody .status.off")).to_have_count(1)


def test_a_dialog_is_never_there_without_being_open(keys: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="rotated")
    page = keys.open(f"t/{tenant.name}/webhooks/{hook.id}")
    # Told of before the browser does anything else: Escape would find nothing to close.
    page.evaluate(
        """() => {
          window.early = 0;
          new MutationObserver(() => {
            window.early += document.querySelectorAll("dialog:not([open])").length;
          }).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    pressed(page, "Rotate secret")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("() => window.early") == 0


def test_an_attempt_is_copied_verified_and_compared(keys: Window, tenant: Tenant) -> None:
    hook, delivery = waiting(tenant)
    hook.patch(headers={"X-New": "yes"})
    tenant.api.post(f"{hook.at}/deliveries/{delivery}/retry")
    page = keys.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{delivery}")
    expect(page.locator(".attempt")).to_have_count(2)
    pressed(page, "Copy as curl")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("curl -X POST")
    pressed(page, "Compare attempts")
    expect(page.locator(".diff")).to_contain_text("X-New")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    pressed(page, "Verify signature")
    pressed(page, "Read the webhook's secret")
    expect(page.get_by_role("dialog").get_by_label("Secret")).to_have_value(hook.secret)
    pressed(page, "Compute")
    expect(page.get_by_text("Computed", exact=True)).to_be_visible()
