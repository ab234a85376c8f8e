"""What strangers send is shown as text; everybody can use the screens; the first one is light."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
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
HIDDEN_COLUMNS = (
    "() => [...document.querySelectorAll('main .scroll')].filter("
    "(one) => one.scrollWidth > one.clientWidth).length"
)
"""Tables that a stranger's long text has pushed out of sight, to be scrolled to."""
ASCII = HOSTILE.encode("ascii", "ignore").decode()


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def widest(page: Page) -> list[str]:
    """What sticks out and cannot be scrolled to, outermost first; a card may hide that it does."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('main *')].filter("
        "(one) => one.getBoundingClientRect().right > document.body.clientWidth + 1"
        " && !one.closest('.scroll, .tabs')).map("
        "(one) => `${one.localName}.${one.className}`).slice(0, 8)"
    )
    return found


def hostile(tenant: Tenant) -> list[str]:
    """Markup, scripts and odd writing wherever somebody else has a say; where it is shown."""
    hook = tenant.hook("/hostile", name=HOSTILE[:200], description=HOSTILE[:400])
    # The endpoint answers with as much of it as is kept, and in a header.
    body = (HOSTILE + "w" * 3_000) * 80
    answer = {"status": 500, "times": 1, "body": body[: 256 * 1024], "headers": {"X-Said": ASCII}}
    tenant.receiver.behave(hook.path, **answer)
    event = tenant.publish(
        actor={"id": "x", "name": HOSTILE},
        entity_id=HOSTILE[:100].replace("\n", ""),
        project=HOSTILE[:100],
        data={"markup": HOSTILE, "long": "w" * 200_000, HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]},
    )
    found = hook.delivered(event, attempts=2)
    tenant.hook(name="filtered", filter="data.markup == 'x'", body_template="{{{data.markup}}}")
    broken = tenant.hook(name="in a template", body_template='"{{data.markup}}"')
    tenant.principal(name=HOSTILE[:100])
    tenant.api.put(
        "/event-types/thing.happened", {"description": HOSTILE, "example": {HOSTILE: HOSTILE}}
    )
    tenant.api.post(
        "/inbound/providers",
        {
            "name": HOSTILE[:200],
            "match": {"expression": "`true`"},
            "verify": {"type": "none"},
        },
    )
    received = tenant.api(
        "POST",
        f"/in/{tenant.name}/%3Cb%3Ex%3Cscript%3E",
        {"said": HOSTILE * 100},
        headers={"x-said": ASCII},
    )
    (message,) = tenant.api.get("/inbound/messages")["items"]
    assert received.status == 202
    return [
        *("health", "webhooks", "webhooks/new", "deliveries?status=success", "events", "workshop"),
        *(f"webhooks/{hook.id}", f"webhooks/{hook.id}?tab=logs", f"webhooks/{hook.id}?tab=rights"),
        *(f"webhooks/new?edit={hook.id}", f"workshop?webhook={broken.id}"),
        *(f"webhooks/{hook.id}/deliveries/{found['id']}", f"events/{event}"),
        *("inbound", f"inbound/messages/{message['id']}", "inbound?tab=providers"),
        *("access", "access?tab=catalogue"),
    ]


@pytest.mark.parametrize("width", [360, 1440])
def test_what_strangers_say_runs_nothing_and_breaks_no_layout(
    browser: Browser, here: Served, width: int
) -> None:
    tenant = Tenant(here.addresses)
    paths = hostile(tenant)
    with window(browser, here.addresses.api, here.addresses.root_key, width=width) as opened:
        for path in paths:
            page = opened.open(f"t/{tenant.name}/{path}")
            assert page.evaluate("() => window.ran") is None, path
            assert page.locator("main script, main img, main svg[onload]").count() == 0, path
            assert overflow(page) <= 0, (path, widest(page))
            assert page.evaluate(HIDDEN_COLUMNS) == 0, path
        assert opened.complaints == []


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
            assert overflow(page) <= 0, (path, widest(page))
            assert widest(page) == [], path


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


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("constructor", "Health"),
        ("health?period=constructor", "Health"),
        ("webhooks/%E0%A4%A", "Webhook"),
        ("events/..%2F..%2Foperations", "Event"),
        ("deliveries?since=yesterday&status=nothing", "Deliveries"),
    ],
)
def test_an_address_that_makes_no_sense_still_shows_a_screen(
    root: Window, tenant: Tenant, path: str, shown: str
) -> None:
    page = root.open(f"t/{tenant.name}/{path}")
    expect(page.get_by_role("heading", name=shown, level=1)).to_be_visible()
