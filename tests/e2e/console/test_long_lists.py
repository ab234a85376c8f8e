"""Lists that are longer than a page: each says so and goes on, those to choose from too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Tenant

MORE_THAN_A_PAGE = 101


@pytest.fixture(scope="module")
def long(here: Served) -> Tenant:
    return Tenant(here.addresses)


@pytest.fixture
def opened(browser: Browser, here: Served) -> Iterator[Window]:
    with window(browser, here.addresses.api, here.addresses.root_key) as one:
        yield one
        assert one.complaints == []


def test_every_principal_can_be_given_a_right(opened: Window, long: Tenant) -> None:
    hook = long.hook(name="shared")
    made = [
        long.api.post("/principals", {"name": f"person {number:03}"})["id"]
        for number in range(MORE_THAN_A_PAGE)
    ]
    page = opened.open(f"t/{long.name}/webhooks/{hook.id}?tab=rights")
    chosen = page.get_by_label("Principal", exact=True)
    # Whichever of the two ends comes first in the list.
    ends = [chosen.locator(f"option[value={id_}]") for id_ in (made[0], made[-1])]
    page.get_by_role("button", name="Show more").click()
    for end in ends:
        expect(end).to_have_count(1)
    chosen.select_option(made[0])
    page.get_by_role("button", name="Give this level").click()
    expect(page.locator("tbody tr", has_text="person 000")).to_contain_text("this webhook")


def test_every_right_is_shown(opened: Window, long: Tenant) -> None:
    hook = long.hook(name="shared by all")
    people = [
        long.api.post("/principals", {"name": f"one {number:03}"})["id"]
        for number in range(MORE_THAN_A_PAGE)
    ]
    for id_ in people:
        long.api.put(f"{hook.at}/rights/{id_}", {"level": "read"})
    page = opened.open(f"t/{long.name}/webhooks/{hook.id}?tab=rights")
    rows = page.locator("tbody tr", has_text="this webhook")
    while rows.count() < MORE_THAN_A_PAGE:
        before = rows.count()
        page.locator("section", has=rows).get_by_role("button", name="Show more").first.click()
        expect(rows).not_to_have_count(before)


def test_every_function_is_shown_and_every_subscriber(opened: Window, long: Tenant) -> None:
    provider = {"name": "any", "match": {"expression": "`true`"}, "verify": {"type": "none"}}
    provider_id = long.api.post("/inbound/providers", provider)["id"]
    action = {"type": "publish", "event": {"type": "'thing.came'", "data": "message.payload"}}
    for number in range(MORE_THAN_A_PAGE):
        named = {"name": f"function {number:03}", "uri": f"came/{number}"}
        long.api.post("/inbound/functions", named | {"provider_id": provider_id, "action": action})
    page = opened.open(f"t/{long.name}/inbound?tab=functions")
    rows = page.locator("tbody tr")
    expect(rows).not_to_have_count(0)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(MORE_THAN_A_PAGE)
    for number in range(MORE_THAN_A_PAGE // 2 + 1):
        long.hook(name=f"listens {number:02}", events=["thing.heard"])
    long.api.put("/event-types/thing.heard", {"description": "By many."})
    page = opened.open(f"t/{long.name}/access?tab=catalogue")
    page.locator("tbody tr", has_text="thing.heard").get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Show more").click()
    expect(dialog).to_contain_text("listens 00")
    expect(dialog).to_contain_text(f"listens {MORE_THAN_A_PAGE // 2}")


def test_every_tenant_can_be_gone_to(opened: Window, here: Served, long: Tenant) -> None:
    # The menu shows the newest; this one is older than all of those.
    for _ in range(MORE_THAN_A_PAGE):
        Tenant(here.addresses)
    page = opened.open(f"t/{long.name}/webhooks")
    picked = page.get_by_label("Tenant", exact=True)
    expect(picked).to_have_value(long.name)
    page.get_by_role("button", name="More tenants").click()
    options = picked.locator("option")
    expect(options).not_to_have_count(MORE_THAN_A_PAGE)
    assert options.count() > MORE_THAN_A_PAGE
