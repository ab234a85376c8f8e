"""Screens 2 and 3: the table of webhooks, and one of them."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.tenant import Tenant


def test_an_empty_tenant_is_led_to_its_first_webhook(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/webhooks")
    expect(page.get_by_text("No webhook yet")).to_be_visible()
    page.get_by_role("link", name="Create the first one").click()
    expect(page.get_by_role("heading", name="New webhook")).to_be_visible()


def test_three_mistakes_in_a_form_are_named_at_their_fields_and_mended(
    root: Window, tenant: Tenant
) -> None:
    page = root.open(f"t/{tenant.name}/webhooks/new")
    page.get_by_label("Name", exact=False).first.fill("mended")
    page.locator("[name=url]").fill("https://user:pass@example.com/")
    page.locator("[name=events]").fill("not a type!")
    page.get_by_text("When it fails").click()
    page.locator("[name=timeout_seconds]").fill("99")
    page.get_by_role("button", name="Create webhook").click()
    for name in ("url", "events", "timeout_seconds"):
        expect(page.locator(f"#{name}-problem")).to_be_visible()
    # The button is at the end of a long form, the first mistake at its beginning.
    expect(page.locator("[name=url]")).to_be_focused()
    assert tenant.api.get("/webhooks")["items"] == []
    page.locator("[name=url]").fill(f"{tenant.receiver.base}{tenant.path()}")
    page.locator("[name=events]").fill("thing.*\nother.thing")
    page.locator("[name=timeout_seconds]").fill("9")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_role("dialog")).to_contain_text("whsec_")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="mended")).to_be_visible()
    (made,) = tenant.api.get("/webhooks")["items"]
    assert (made["events"], made["timeout_seconds"]) == (["thing.*", "other.thing"], 9)


def test_the_table_is_searched_by_name_and_the_address_keeps_the_search(
    root: Window, tenant: Tenant
) -> None:
    tenant.hook(name="the warehouse")
    tenant.hook(name="the ledger")
    page = root.open(f"t/{tenant.name}/webhooks")
    expect(page.get_by_role("link", name="the ledger")).to_be_visible()
    page.get_by_label("Name or address").fill("ware")
    expect(page.get_by_role("link", name="the ledger")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"q=ware"))
    page.reload()
    expect(page.get_by_role("link", name="the warehouse")).to_be_visible()
    expect(page.get_by_role("link", name="the ledger")).to_have_count(0)


def test_the_table_is_filtered_by_state(root: Window, tenant: Tenant) -> None:
    tenant.hook(name="on")
    tenant.hook(name="switched off", enabled=False)
    page = root.open(f"t/{tenant.name}/webhooks?state=off")
    expect(page.get_by_role("link", name="switched off")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_several_are_switched_off_and_on_at_once(root: Window, tenant: Tenant) -> None:
    hooks = [tenant.hook(name="one"), tenant.hook(name="two")]
    page = root.open(f"t/{tenant.name}/webhooks")
    for name in ("one", "two"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".status.off")).to_have_count(2)
    assert [tenant.api.get(hook.at)["enabled"] for hook in hooks] == [False, False]


def test_a_deleted_webhook_is_asked_about_first(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="short-lived")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    assert tenant.api.get(hook.at)["name"] == "short-lived"
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/webhooks$"))
    assert tenant.api("GET", hook.at).status == 404


def test_the_log_of_a_deleted_webhook_is_read_on(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="short-lived")
    hook.delivered(tenant.publish())
    tenant.api.delete(hook.at)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    expect(page.get_by_text("It was deleted")).to_be_visible()
    page.locator("tbody").get_by_role("link", name="thing.happened").click()
    expect(page.locator(".status.ok")).to_be_visible()


def test_an_edit_shows_what_differs_before_it_is_saved(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="before")
    page = root.open(f"t/{tenant.name}/webhooks/new?edit={hook.id}")
    expect(page.locator("[name=name]")).to_have_value("before")
    page.locator("[name=name]").fill("after")
    page.get_by_role("button", name="Look at the changes").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("del")).to_have_text("before")
    expect(dialog.locator("ins")).to_have_text("after")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="after")).to_be_visible()
    assert tenant.api.get(hook.at)["retry"]["initial_delay_seconds"] == 1


def test_an_edit_in_two_windows_explains_the_conflict_and_loses_neither(
    root: Window, tenant: Tenant
) -> None:
    hook = tenant.hook(name="shared")
    page = root.open(f"t/{tenant.name}/webhooks/new?edit={hook.id}")
    expect(page.locator("[name=name]")).to_have_value("shared")
    hook.patch(description="changed by somebody else")
    page.locator("[name=name]").fill("mine")
    page.get_by_role("button", name="Look at the changes").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody changed this webhook while you edited it")).to_be_visible()
    page.get_by_role("button", name="Load it as it is now").click()
    expect(page.locator("[name=description]")).to_have_value("changed by somebody else")
    assert tenant.api.get(hook.at)["name"] == "shared"


def test_a_duplicate_takes_all_but_the_secrets_along(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="first", filter="data.n > `1`", timeout_seconds=7)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    page.get_by_role("link", name="Duplicate").click()
    expect(page.locator("[name=name]")).to_have_value("first (copy)")
    page.get_by_role("button", name="Create webhook").click()
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="first (copy)")).to_be_visible()
    copy = next(one for one in tenant.api.get("/webhooks")["items"] if one["id"] != hook.id)
    assert (copy["filter"], copy["timeout_seconds"]) == ("data.n > `1`", 7)


def test_one_that_is_chosen_in_the_table_is_duplicated(root: Window, tenant: Tenant) -> None:
    for name in ("first", "second"):
        tenant.hook(name=name)
    page = root.open(f"t/{tenant.name}/webhooks")
    page.get_by_label("Choose first").check()
    page.get_by_label("Choose second").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    expect(page.get_by_role("link", name="Duplicate")).to_have_count(0)
    page.get_by_label("Choose second").uncheck()
    page.get_by_role("link", name="Duplicate").click()
    expect(page.locator("[name=name]")).to_have_value("first (copy)")


def test_a_rotation_shows_both_ends(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="turning")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    page.get_by_role("button", name="Rotate secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("signs too until")
    shown = dialog.locator("pre").inner_text()
    secrets = tenant.api.get(f"{hook.at}/secret")
    assert (shown, secrets["previous_secret"]) == (secrets["secret"], hook.secret)


def test_a_test_call_leads_to_its_delivery(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="tried")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    page.get_by_role("button", name="Send a test").click()
    expect(page).to_have_url(re.compile(r"/deliveries/dlv_"))
    expect(page.locator(".head .status.ok")).to_be_visible()
    assert hook.arrivals()[0].headers["x-hookline-test"] == "true"


def test_what_failed_is_recovered_after_its_count(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook("/status/500", name="was down", retry={"max_attempts": 1})
    hook.delivered(tenant.publish(), "failed")
    hook.patch(url=f"{tenant.receiver.base}{tenant.path()}", secret=hook.secret)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=recover")
    page.get_by_role("button", name="Count first").click()
    expect(page.locator(".notice")).to_contain_text("1 failed deliveries")
    page.get_by_role("button", name="Send them again").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("1 of 1")


def test_a_right_is_given_and_taken_away(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="shared")
    someone, api = tenant.principal(name="reader")
    assert api("GET", hook.at).status == 404
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=rights")
    page.get_by_label("Principal").select_option(label="reader")
    page.get_by_role("button", name="Give this level").click()
    expect(page.get_by_label("Level of reader")).to_have_value("read")
    rights = tenant.api.get(f"{hook.at}/rights")["items"]
    assert (someone, "read") in {(one["principal_id"], one["level"]) for one in rights}
    page.get_by_role("button", name="Take away").click()
    expect(page.get_by_label("Level of reader")).to_have_count(0)


def test_a_reader_is_offered_nothing_that_it_may_not_do(browser: Browser, tenant: Tenant) -> None:
    hook = tenant.hook(name="read only")
    _, reader = tenant.principal(level="read")
    with window(browser, tenant.stack.api, reader.key) as opened:
        page = opened.open(f"t/{tenant.name}/webhooks")
        expect(page.get_by_role("link", name="New webhook")).to_have_count(0)
        opened.open(f"t/{tenant.name}/webhooks/{hook.id}")
        expect(page.get_by_role("heading", name="read only")).to_be_visible()
        for name in ("Send a test", "Switch off", "Rotate secret", "Delete"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        assert opened.complaints == []


def test_a_secret_that_is_rotated_at_once_says_that_the_old_one_signs_no_more(
    root: Window, tenant: Tenant
) -> None:
    page = root.open(f"t/{tenant.name}/webhooks/{tenant.hook(name='leaked').id}")
    page.get_by_role("button", name="Rotate secret").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The old one goes on signing").fill("0")
    dialog.get_by_role("button", name="Rotate").click()
    expect(dialog).to_contain_text("The old one signs no more")
    expect(dialog).not_to_contain_text("until")
