"""A filtered log that is looked at follows what waits in it for long, by one call a refresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Hook, Tenant

REFRESH_MILLISECONDS = 4_000
LONG_AGO = timedelta(minutes=10)
A_TURN = """() => new Promise((done) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done();
  channel.port2.postMessage(0);
})"""
LATER = {"initial_delay_seconds": 3_600}


@pytest.fixture
def opened(browser: Browser, here: Served) -> Iterator[Window]:
    """A window whose clock is ahead, so that what is new to the stack is old to it."""
    with window(browser, here.addresses.api, here.addresses.root_key) as one:
        one.page.clock.install(time=datetime.now(UTC) + LONG_AGO)
        yield one
        assert one.complaints == []


def open_log(opened: Window, hook: Hook, query: str) -> Page:
    """The log of a webhook; its clock goes on by ``refresh`` alone."""
    page = opened.open(f"t/{hook.api.tenant}/webhooks/{hook.id}?tab=logs&{query}")
    page.clock.pause_at(datetime.now(UTC) + 2 * LONG_AGO)
    return page


def refresh(here: Served, page: Page) -> list[str]:
    """What one refresh asks of the log."""
    here.calls.clear()
    with page.expect_response("**/deliveries?**") as answer:
        page.clock.run_for(REFRESH_MILLISECONDS)
    answer.value.finished()
    page.evaluate(A_TURN)
    return [one.target for one in here.calls if "/deliveries?" in one.target]


def test_what_waits_for_long_is_followed_by_one_call_a_refresh(
    here: Served, opened: Window
) -> None:
    tenant = Tenant(here.addresses)
    hook = tenant.hook("/fail/1", name="slow", retry=LATER)
    event = tenant.publish(type="thing.waits")
    hook.delivered(event, "retrying", attempts=1)
    page = open_log(opened, hook, "type=thing.waits")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("retrying")
    hook.act(event, "retry")
    hook.delivered(event, "success")
    assert [len(refresh(here, page)) for _ in range(3)] == [1, 1, 1]
    expect(row).to_contain_text("success")
    # What has ended moves no more: from now on only what is new is asked for.
    assert not any("until=" in call for _ in range(3) for call in refresh(here, page))


def test_what_fits_the_filter_no_more_leaves_the_list(here: Served, opened: Window) -> None:
    tenant = Tenant(here.addresses)
    hook = tenant.hook("/fail/1", name="slow", retry=LATER)
    event = tenant.publish()
    hook.delivered(event, "retrying", attempts=1)
    page = open_log(opened, hook, "status=retrying")
    expect(page.locator("tbody tr")).to_have_count(1)
    hook.act(event, "cancel")
    for _ in range(3):
        refresh(here, page)
    expect(page.get_by_text("No delivery matches")).to_be_visible()
