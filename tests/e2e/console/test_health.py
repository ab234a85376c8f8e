"""Screen 1, and what the others tell of how an endpoint is doing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Tenant

LATER = {"initial_delay_seconds": 3_600}


def test_what_changed_since_the_last_visit_is_told(root: Window, tenant: Tenant) -> None:
    ill = tenant.hook("/status/503", name="was ill", retry=LATER)
    ill.delivered(tenant.publish(), "retrying", attempts=1)
    first = root.open(f"t/{tenant.name}/health")
    expect(first.get_by_role("link", name="was ill")).to_be_visible()
    # The same tab is the same visit: there is none before it.
    first.reload()
    expect(first.get_by_role("link", name="was ill")).to_be_visible()
    expect(first.get_by_text("Since your last visit")).to_have_count(0)
    ill.patch(enabled=False)
    fell = tenant.hook("/status/503", name="fell ill", retry=LATER)
    fell.delivered(tenant.publish(), "retrying", attempts=1)
    later = root.page.context.new_page()
    # Another period: the figures of the first are kept for half a minute.
    address = f"{root.base}/console/t/{tenant.name}/health?period=7d"
    later.goto(f"{address}#session={tenant.stack.root_key}")
    told = later.locator(".notice", has_text="Since your last visit")
    expect(told.get_by_role("link", name="fell ill")).to_be_visible()
    expect(told).to_contain_text("1 no longer in trouble")
    expect(told).to_contain_text("1 webhook more")


def test_the_oldest_that_waits_is_shown_and_who_is_in_trouble_can_be_recovered(
    root: Window, tenant: Tenant
) -> None:
    hook = tenant.hook("/status/503", name="behind", retry=LATER)
    hook.delivered(tenant.publish(), "retrying", attempts=1)
    page = root.open(f"t/{tenant.name}/health")
    tile = page.locator(".tile", has_text="the oldest has waited")
    expect(tile.locator("b")).to_have_text(re.compile(r"\d"))
    page.get_by_role("link", name="Recover").click()
    expect(page.get_by_role("heading", name="Send again what failed")).to_be_visible()


def test_the_table_tells_the_last_success_and_when_the_next_attempt_is(
    root: Window, tenant: Tenant
) -> None:
    well = tenant.hook(name="well")
    behind = tenant.hook("/status/503", name="behind", retry=LATER)
    event = tenant.publish()
    well.delivered(event)
    behind.delivered(event, "retrying", attempts=1)
    page = root.open(f"t/{tenant.name}/webhooks")
    expect(page.get_by_role("row", name="well").locator("time")).to_contain_text(["ago"])
    waiting = page.get_by_role("row", name="behind").locator("td").last
    expect(waiting).to_contain_text("in")


def test_the_answers_of_a_webhook_lead_to_their_deliveries(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook("/fail/1", name="mixed", retry=LATER)
    for status in ("retrying", "success"):
        event = "the-same" if status == "retrying" else "another"
        tenant.receiver.behave(hook.path, status=503 if status == "retrying" else 200, times=1)
        hook.delivered(tenant.publish(id=event), status, attempts=1)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    expect(page.locator(".answers a")).to_have_count(2)
    page.locator(".answers").get_by_role("link", name="503").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("the-same")


def test_where_nothing_was_sent_nothing_is_called_well(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/health")
    expect(page.locator(".tile")).to_have_count(8)
    expect(page.locator(".tile.off")).to_have_count(8)


def test_a_tenant_that_is_not_there_is_not_waited_for(root: Window) -> None:
    page = root.open("t/nobody/health")
    expect(page.get_by_text("Not here, or not for this key").first).to_be_visible()
