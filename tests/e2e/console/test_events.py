"""Screen 6: events, and why each did or did not reach each webhook."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Tenant


def row(page: Page, name: str) -> str:
    """What the line of one webhook says."""
    found = page.locator("tr", has=page.get_by_role("link", name=name, exact=True))
    expect(found).to_have_count(1)
    return found.inner_text()


@pytest.mark.parametrize(
    ("name", "fields", "because"),
    [
        ("other type", {"events": ["something.else"]}, "type"),
        ("other project", {"scope": {"projects": ["elsewhere"]}}, "scope"),
        ("other environment", {"scope": {"environments": ["staging"]}}, "environment"),
        ("filtered", {"filter": "data.total > `100`"}, "filter"),
        ("off", {"enabled": False}, "off"),
    ],
)
def test_why_an_event_did_not_reach_a_webhook(
    root: Window, tenant: Tenant, name: str, fields: dict[str, Any], because: str
) -> None:
    tenant.hook(name=name, **fields)
    reached = tenant.hook(name="reached")
    event = tenant.publish(project="web", environment="production", data={"total": 7})
    reached.delivered(event)
    page = root.open(f"t/{tenant.name}/events/{event}")
    said = row(page, name)
    assert "not sent" in said
    assert because in said.lower()
    assert "delivered" in row(page, "reached")


def test_a_filter_shows_the_values_that_it_saw(root: Window, tenant: Tenant) -> None:
    tenant.hook(name="filtered", filter="data.total > `100`")
    reached = tenant.hook(name="reached")
    event = tenant.publish(data={"total": 7})
    reached.delivered(event)
    page = root.open(f"t/{tenant.name}/events/{event}")
    assert "7" in row(page, "filtered")


def test_a_webhook_that_was_created_later_is_told_so(root: Window, tenant: Tenant) -> None:
    reached = tenant.hook(name="reached")
    event = tenant.publish()
    reached.delivered(event)
    tenant.hook(name="late")
    page = root.open(f"t/{tenant.name}/events/{event}")
    assert "created later" in row(page, "late")


def test_an_event_is_sent_to_one_webhook_that_it_was_not_for(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="late wish", events=["something.else"])
    event = tenant.publish()
    page = root.open(f"t/{tenant.name}/events/{event}")
    page.get_by_role("button", name="Send to a webhook").click()
    page.get_by_role("dialog").get_by_label("Webhook").select_option(label="late wish")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/deliveries/dlv_"))
    assert hook.arrives(event).event_id == event


def test_a_number_is_shown_with_the_digits_it_was_published_with(
    root: Window, tenant: Tenant
) -> None:
    event = "evt-exact"
    reply = tenant.api(
        "POST",
        "/events",
        data=b'{"id": "evt-exact", "type": "a.b", "data": {"total": 19.90, "big": 1e3}}',
        headers={"content-type": "application/json"},
    )
    assert reply.status == 202
    page = root.open(f"t/{tenant.name}/events/{event}")
    expect(page.locator("pre")).to_contain_text("19.90")
    expect(page.locator("pre")).to_contain_text("1e3")


def test_an_event_is_published_and_a_copy_of_it(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/events")
    page.get_by_role("button", name="Publish an event").click()
    box = page.get_by_role("dialog").locator("textarea")
    box.fill('{"type": "from.the.console", "data": {"n": 1}}')
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="from.the.console")).to_be_visible()
    first = page.url
    page.get_by_role("button", name="Publish a copy").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page).not_to_have_url(first)
    expect(page.get_by_role("heading", name="from.the.console")).to_be_visible()


def test_what_cannot_be_published_says_why_and_keeps_the_text(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/events")
    page.get_by_role("button", name="Publish an event").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill('{"type": "not a type"}')
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog.get_by_role("alert")).to_contain_text("type")
    expect(dialog.locator("textarea")).to_have_value('{"type": "not a type"}')


def test_a_dry_run_with_edits_tells_who_would_get_it(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="only large", filter="data.total > `100`")
    event = tenant.publish(data={"total": 7})
    page = root.open(f"t/{tenant.name}/events/{event}")
    page.get_by_role("button", name="Dry run with edits").click()
    dialog = page.get_by_role("dialog")
    box = dialog.locator("textarea")
    expect(box).to_have_value(re.compile('"total": 7'))
    box.fill(box.input_value().replace('"total": 7', '"total": 700'))
    dialog.get_by_role("button", name="Who would get it?").click()
    expect(dialog.locator("tbody tr")).to_contain_text("yes")
    assert hook.arrivals() == []


def test_events_are_found_by_type_and_entity(root: Window, tenant: Tenant) -> None:
    tenant.publish(type="a.one", entity_id="e-1")
    tenant.publish(type="b.two", entity_id="e-2")
    hook = tenant.hook(name="all")
    hook.delivered(tenant.publish(type="c.three", entity_id="e-1"))
    page = root.open(f"t/{tenant.name}/events")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_label("Type", exact=True).fill("b.two")
    expect(page.locator("tbody tr")).to_have_count(1)
    root.open(f"t/{tenant.name}/events?entity_id=e-1")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Period").select_option("the last hour")
    expect(page).to_have_url(re.compile("period=hour"))
    expect(page.locator("tbody tr")).to_have_count(2)
    # An event of the future: what begins later shows none.
    root.open(f"t/{tenant.name}/events?since=2100-01-01T00:00:00.000Z")
    expect(page.get_by_text("None of this kind is kept.")).to_be_visible()
