"""What strangers send is shown as text; everybody can use the screens; the first one is light."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.stack import ROOT
from tests.e2e.tenant import Tenant

AXE = ROOT / ".local" / "node" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = (
    *("health", "webhooks", "webhooks/new", "deliveries", "events", "workshop", "inbound"),
    *("access", "access?tab=catalogue", "help"),
)
HOSTILE = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "\u202egnp.exe\u200b\u200b'\"><svg onload=window.ran=1>{{constructor}}${7*7}"
)


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def test_a_hostile_delivery_runs_nothing_and_breaks_no_layout(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name=HOSTILE[:200], description=HOSTILE[:400])
    event = tenant.publish(
        actor={"id": "x", "name": HOSTILE},
        entity_id=HOSTILE[:100].replace("\n", ""),
        data={"markup": HOSTILE, "long": "w" * 100_000, HOSTILE: HOSTILE},
    )
    found = hook.delivered(event)
    provider = {
        "name": HOSTILE[:200],
        "match": {"expression": "`true`"},
        "verify": {"type": "none"},
    }
    tenant.api.post("/inbound/providers", provider)
    tenant.api("POST", f"/in/{tenant.name}/%3Cb%3Ex", {"said": HOSTILE})
    for path in (
        "health",
        "webhooks",
        f"webhooks/{hook.id}",
        f"webhooks/{hook.id}?tab=logs",
        f"webhooks/{hook.id}/deliveries/{found['id']}",
        "events",
        f"events/{event}",
        "inbound",
        "inbound?tab=providers",
    ):
        page = root.open(f"t/{tenant.name}/{path}")
        assert page.evaluate("() => window.ran") is None, path
        assert page.locator("main script, main img, main svg[onload]").count() == 0, path
        assert overflow(page) <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_keeps_anybody_out(browser: Browser, tenant: Tenant, scheme: str) -> None:
    """By axe-core: nothing serious or critical."""
    hook = tenant.hook("/fail/1", name="seen", retry={"initial_delay_seconds": 3600})
    event = tenant.publish()
    found = hook.delivered(event, "retrying", attempts=1)
    own = (f"webhooks/{hook.id}", f"webhooks/{hook.id}?tab=logs", f"events/{event}")
    one = f"webhooks/{hook.id}/deliveries/{found['id']}"
    axe = Path(AXE).read_text()
    with window(browser, tenant.stack.api, tenant.stack.root_key, scheme=scheme) as opened:
        for path in (*SCREENS, *own, one):
            page = opened.open(f"t/{tenant.name}/{path}")
            # As an isolated script of the test, not of the page: its policy stays as it is.
            page.evaluate(axe)
            result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
            bad = [
                (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
                for each in result["violations"]
                if each["impact"] in ("serious", "critical")
            ]
            assert bad == [], f"{path} in {scheme}"


@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_no_screen_is_wider_than_its_window(browser: Browser, tenant: Tenant, width: int) -> None:
    hook = tenant.hook(name="a webhook with quite a long name, as people give them")
    found = hook.delivered(tenant.publish())
    with window(browser, tenant.stack.api, tenant.stack.root_key, width=width) as opened:
        own = (f"webhooks/{hook.id}", f"webhooks/{hook.id}/deliveries/{found['id']}")
        for path in (*SCREENS, *own):
            page = opened.open(f"t/{tenant.name}/{path}")
            assert overflow(page) <= 0, path


def tabbed_to(page: Page, name: str, most: int = 80) -> None:
    """Goes on by Tab until what has the focus is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.innerText || document.activeElement.name || ''"
        )
        if said.strip() == name:
            return
    raise AssertionError(f"Tab never reached {name!r}")


def test_webhooks_and_deliveries_are_worked_with_by_keyboard_alone(
    root: Window, tenant: Tenant
) -> None:
    hook = tenant.hook("/fail/1", name="by keys", retry={"initial_delay_seconds": 3600})
    hook.delivered(tenant.publish(), "retrying", attempts=1)
    page = root.open(f"t/{tenant.name}/webhooks")
    tabbed_to(page, "by keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="by keys")).to_be_visible()
    tabbed_to(page, "Logs")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    tabbed_to(page, "thing.happened")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    tabbed_to(page, "Cancel")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    tabbed_to(page, "Retry now")
    page.keyboard.press("Enter")
    expect(page.locator(".head .status.ok")).to_be_visible()


def test_a_webhook_is_made_by_keyboard_alone(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/webhooks/new")
    for name, text in (
        ("name", "typed"),
        ("url", f"{tenant.receiver.base}{tenant.path()}"),
        ("events", "*"),
    ):
        tabbed_to(page, name)
        page.keyboard.type(text)
    tabbed_to(page, "Create webhook")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("whsec_")


def test_a_hidden_page_asks_for_nothing(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="quiet")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs")
    with page.expect_request("**/deliveries?**"):
        pass  # seen, it refreshes by itself every four seconds
    page.evaluate("() => Object.defineProperty(document, 'visibilityState', {value: 'hidden'})")
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.wait_for_timeout(9_000)
    assert calls == []
