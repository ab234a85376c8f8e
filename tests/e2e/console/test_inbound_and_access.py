"""Screen 8: what came in; who may do what; links that end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.stack import ROOT
from tests.e2e.tenant import Tenant
from tests.e2e.waiting import eventually


def provider(tenant: Tenant, name: str = "hooks") -> str:
    """Anybody may call, on any path."""
    made = tenant.api.post(
        "/inbound/providers",
        {"name": name, "match": {"expression": "`true`"}, "verify": {"type": "none"}},
    )
    return str(made["id"])


def publishes(tenant: Tenant, provider_id: str) -> None:
    tenant.api.post(
        "/inbound/functions",
        {
            "name": "push becomes an event",
            "provider_id": provider_id,
            "uri": "git/push",
            "action": {
                "type": "publish",
                "event": {"type": "'git.push'", "data": "message.payload"},
            },
        },
    )


def call_in(tenant: Tenant, uri: str) -> None:
    reply = tenant.api("POST", f"/in/{tenant.name}/{uri}", {"ref": "refs/heads/main"})
    assert reply.status == 202, reply


def test_a_message_is_read_from_match_to_execution_and_resubmitted(
    root: Window, tenant: Tenant
) -> None:
    publishes(tenant, provider(tenant))
    call_in(tenant, "git/push")
    page = root.open(f"t/{tenant.name}/inbound")
    expect(page.locator("tbody .status.ok")).to_have_count(2)
    page.get_by_role("link", name="git/push").click()
    expect(page.get_by_text("push becomes an event")).to_be_visible()
    expect(page.locator("pre").last).to_contain_text("refs/heads/main")
    first = page.url
    page.get_by_role("button", name="Resubmit").click()
    expect(page).not_to_have_url(first)
    expect(page.get_by_text("Repeats")).to_be_visible()


def test_messages_are_filtered_by_outcome(root: Window, tenant: Tenant) -> None:
    publishes(tenant, provider(tenant))
    call_in(tenant, "git/push")
    call_in(tenant, "nobody/home")
    page = root.open(f"t/{tenant.name}/inbound?outcome=no_function")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("nobody/home")


def test_messages_are_counted_by_outcome_and_a_count_leads_to_its_messages(
    root: Window, tenant: Tenant
) -> None:
    publishes(tenant, provider(tenant))
    call_in(tenant, "git/push")
    for n in range(2):
        call_in(tenant, f"nobody/{n}")
    page = root.open(f"t/{tenant.name}/inbound")
    counts = page.locator(".answers")
    expect(counts).to_contain_text(re.compile(r"no function\s*2\s*matched\s*1"))
    counts.get_by_role("link", name="no function").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(counts).to_have_count(0)


def test_providers_are_found_by_name_and_moved_only_where_all_are_shown(
    root: Window, tenant: Tenant
) -> None:
    for name in ("first", "second"):
        provider(tenant, name)
    page = root.open(f"t/{tenant.name}/inbound?tab=providers")
    expect(page.get_by_role("button", name="Move second up")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("sec")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Move second up")).to_have_count(0)


def test_providers_are_reordered(root: Window, tenant: Tenant) -> None:
    first, second = provider(tenant, "first"), provider(tenant, "second")
    page = root.open(f"t/{tenant.name}/inbound?tab=providers")
    page.get_by_role("button", name="Move second up").click()
    expect(page.locator("tbody tr").first).to_contain_text("second")
    ids = [one["id"] for one in tenant.api.get("/inbound/providers")["items"]]
    assert ids == [second, first]


def test_a_key_is_issued_shown_once_and_revoked(root: Window, tenant: Tenant) -> None:
    made = tenant.api.post("/principals", {"name": "pipeline", "level": "write"})
    page = root.open(f"t/{tenant.name}/access")
    page.get_by_role("button", name="Keys").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Issue a key").click()
    key = dialog.locator("pre").inner_text()
    assert tenant.api.with_key(key)("GET", "/webhooks").status == 200
    dialog.get_by_role("button", name="Revoke").click()
    asked = page.get_by_role("dialog", name="Revoke", exact=True)
    asked.get_by_role("button", name="Revoke").click()
    expect(dialog.locator("tbody tr")).to_have_count(0)
    assert tenant.api.get(f"/principals/{made['id']}/keys")["items"] == []


def test_an_owner_link_shows_its_webhooks_alone_and_ends_when_revoked(
    root: Window, browser: Browser, tenant: Tenant
) -> None:
    mine, other = tenant.hook(name="mine"), tenant.hook(name="somebody else's")
    owner = tenant.api.post("/principals", {"name": "contoso"})
    tenant.api.put(f"{mine.at}/rights/{owner['id']}", {"level": "write"})
    page = root.open(f"t/{tenant.name}/access")
    page.get_by_role("button", name="Owner link").click()
    page.get_by_role("dialog").get_by_role("button", name="Make the link").click()
    link = page.get_by_role("dialog").locator("pre").inner_text()
    with window(browser, tenant.stack.api, None) as private:
        shown = private.page
        shown.goto(link)
        private.settled()
        expect(shown.get_by_role("link", name="mine", exact=True)).to_be_visible()
        expect(shown.get_by_text("somebody else's")).to_have_count(0)
        assert "hls_" not in shown.url
        for screen in ("Inbound", "Access", "Events"):
            expect(shown.get_by_role("link", name=screen, exact=True)).to_have_count(0)
        private.open(f"t/{tenant.name}/webhooks/{other.id}")
        expect(shown.get_by_text("Not here, or not for this key")).to_be_visible()
        private.open(f"t/{tenant.name}/webhooks/{mine.id}")
        expect(shown.get_by_role("button", name="Send a test")).to_be_visible()
        expect(shown.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
        page.get_by_role("dialog").get_by_role("button", name="End all its links").click()

        def ended() -> bool:
            # Within a minute: each worker of the API may remember who calls for so long.
            shown.reload()
            private.settled()
            return shown.get_by_label("API key").is_visible()

        eventually(ended, "the end of the link")
        expect(shown.get_by_text("mine", exact=True)).to_have_count(0)


def test_a_key_that_is_not_known_is_told_so(browser: Browser, tenant: Tenant) -> None:
    with window(browser, tenant.stack.api, None) as opened:
        page = opened.open("")
        page.get_by_label("API key").fill("hl_nobody_nothing")
        page.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("alert")).to_contain_text("not known")
        page.get_by_label("API key").fill(tenant.stack.root_key)
        page.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("heading", name="Health")).to_be_visible()


def test_leaving_forgets_the_key(browser: Browser, tenant: Tenant) -> None:
    with window(browser, tenant.stack.api, None) as opened:
        page = opened.open("")
        page.get_by_label("API key").fill(tenant.stack.root_key)
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("button", name="Leave").click()
        expect(page.get_by_label("API key")).to_be_visible()
        assert page.evaluate("() => sessionStorage.getItem('hookline.key')") is None


@pytest.mark.parametrize(("screen", "asks"), [("webhooks", "webhooks"), ("health", "stats")])
def test_what_the_page_did_is_shown_as_curl_without_the_key(
    root: Window, tenant: Tenant, screen: str, asks: str
) -> None:
    tenant.hook(name="looked at")
    page = root.open(f"t/{tenant.name}/{screen}")
    page.get_by_role("button", name="Show as curl").click()
    said = page.get_by_role("dialog").inner_text()
    assert f"/v1/tenants/{tenant.name}/{asks}" in said
    assert "$HOOKLINE_KEY" in said
    assert tenant.stack.root_key not in said


def test_health_leads_to_what_failed(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook("/status/500", name="down", retry={"max_attempts": 1})
    hook.delivered(tenant.publish(), "failed")
    page = root.open(f"t/{tenant.name}/health")
    expect(page.get_by_text("Failed lately")).to_be_visible()
    ended = page.locator("[data-name=ended] time").first
    expect(ended).to_have_attribute("title", re.compile(r"UTC"))
    page.get_by_role("link", name="thing.happened").first.click()
    expect(page).to_have_url(re.compile("/deliveries/dlv_"))


def test_the_catalogue_tells_who_subscribes(root: Window, tenant: Tenant) -> None:
    tenant.api.put("/event-types/thing.happened", {"description": "A thing", "example": {"n": 1}})
    tenant.hook(name="subscriber", events=["thing.*"])
    page = root.open(f"t/{tenant.name}/access?tab=catalogue")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog")).to_contain_text("subscriber")


def test_a_catalogue_is_loaded_from_a_file_and_searched(root: Window, tenant: Tenant) -> None:
    tenant.api.put("/event-types/feature-created", {"description": "described already"})
    shipped = ROOT / "catalogue" / "unleash.json"
    count = len(json.loads(shipped.read_text())["event_types"])
    page = root.open(f"t/{tenant.name}/access?tab=catalogue")
    page.get_by_label("A catalogue").set_input_files(shipped)
    expect(page.get_by_text(f"{count - 1} added, 1 were there")).to_be_visible()
    page.get_by_label("Type or description").fill("feature-created")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("described already")


def test_a_file_that_is_no_catalogue_says_so(root: Window, tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"types": []}')
    page = root.open(f"t/{tenant.name}/access?tab=catalogue")
    page.get_by_label("A catalogue").set_input_files(tmp_path / "other.json")
    expect(page.get_by_text("The file has no list event_types")).to_be_visible()
