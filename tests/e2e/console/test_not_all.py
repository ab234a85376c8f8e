"""Where an answer of the API says that it is not all there is, the screen says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Tenant


def cut(route: Route) -> None:
    """As the API answers about very much."""
    reply = route.fetch()
    route.fulfill(response=reply, json=reply.json() | {"truncated": True, "body_truncated": True})


@pytest.mark.parametrize(
    ("path", "call", "said"),
    [
        ("events/{event}", "**/why", "There are more webhooks than are shown"),
        ("deliveries", "**/deliveries?*", "More webhooks are in trouble than were looked at"),
        ("webhooks/{hook}", "**/stats?*", "the newest 10,000"),
        ("inbound/messages/{message}", "**/v1/**/messages/*", "cut"),
    ],
)
def test_a_screen_says_that_it_does_not_show_all(
    root: Window, tenant: Tenant, path: str, call: str, said: str
) -> None:
    hook = tenant.hook("/status/500", name="failing", retry={"max_attempts": 1})
    event = tenant.publish()
    hook.delivered(event, "failed")
    anybody = {"name": "any", "match": {"expression": "`true`"}, "verify": {"type": "none"}}
    tenant.api.post("/inbound/providers", anybody)
    tenant.api("POST", f"/in/{tenant.name}/hello", {"said": "hello"})
    (message,) = tenant.api.get("/inbound/messages")["items"]
    root.page.route(call, cut)
    page = root.open(
        f"t/{tenant.name}/{path.format(event=event, hook=hook.id, message=message['id'])}"
    )
    expect(page.get_by_role("main")).to_contain_text(said)


def test_a_dry_run_says_that_it_does_not_show_all(root: Window, tenant: Tenant) -> None:
    tenant.hook(name="one of many")
    root.page.route("**/dry-run", cut)
    page = root.open(f"t/{tenant.name}/events/{tenant.publish()}")
    page.get_by_role("button", name="Dry run with edits").click()
    page.get_by_role("button", name="Who would get it?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("tbody")).to_contain_text("one of many")
    expect(dialog).to_contain_text("There are more webhooks than are shown")
