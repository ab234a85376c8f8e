"""What a look costs the reader: bytes and requests by screen, and scripting on a slow processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Request, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Tenant

KB = 1000
FIRST_PAGE_BYTES = 100 * KB
FIRST_PAGE_REQUESTS = 25
SLOWER = 4
MOST_TIMES_AN_EMPTY_PAGE = 20
"""A ratio, as a second is another amount of work on every machine. Where a second was looked for:
an empty page 0.12 s, the first screen 0.87 s, 7.5 times as much (2 to 13 where busy)."""

EMPTY = "<!doctype html><title>Empty</title><script type=module>1</script>"
SCREENS = (
    *("health", "webhooks", "webhooks/new", "webhooks/{hook}", "webhooks/{hook}?tab=logs"),
    *("deliveries", "webhooks/{hook}/deliveries/{delivery}", "events", "events/{event}"),
    *("workshop", "inbound", "access", "help"),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A tenant with something on each screen."""

    tenant: Tenant
    hook: str
    delivery: str
    event: str

    def at(self, screen: str) -> str:
        path = screen.format(hook=self.hook, delivery=self.delivery, event=self.event)
        return f"t/{self.tenant.name}/{path}"


@pytest.fixture(scope="module")
def filled(here: Served) -> Filled:
    tenant = Tenant(here.addresses)
    hook = tenant.hook(name="weighed")
    event = tenant.publish()
    return Filled(tenant, hook.id, str(hook.delivered(event)["id"]), event)


@pytest.fixture
def cold(browser: Browser, here: Served) -> Iterator[Window]:
    """A window that has nothing of the console yet."""
    with window(browser, here.addresses.api, here.addresses.root_key) as opened:
        yield opened
        assert opened.complaints == []


@pytest.mark.parametrize("screen", SCREENS)
def test_each_screen_is_light_for_who_opens_it_first(
    cold: Window, filled: Filled, screen: str
) -> None:
    files: list[Request] = []
    cold.page.on(
        "requestfinished",
        lambda request: files.append(request) if "/console" in request.url else None,
    )
    page = cold.open(filled.at(screen))
    page.wait_for_load_state("networkidle")
    size = sum(request.sizes()["responseBodySize"] for request in files)
    print(f"\n{screen}: {size / KB:.1f} kB in {len(files)} requests")  # noqa: T201 - for the reader
    assert size <= FIRST_PAGE_BYTES
    assert len(files) <= FIRST_PAGE_REQUESTS
    # All of it may be kept but the page itself, which is then answered without its body.
    files.clear()
    page.reload()
    cold.settled()
    page.wait_for_load_state("networkidle")
    asked = [request.url for request in files if request.sizes()["responseBodySize"] > 0]
    assert asked == []


def busy_seconds(page: Page, measure: CDPSession) -> float:
    """For how long the page's main thread has had the processor: what others do does not count."""
    page.wait_for_load_state("networkidle")
    metrics = measure.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def test_the_first_screen_is_usable_within_a_second_of_a_slow_processor(
    browser: Browser, here: Served, filled: Filled
) -> None:
    found = {}
    for name in ("empty", "first"):
        with window(browser, here.addresses.api, here.addresses.root_key) as opened:
            page = opened.page
            measure = page.context.new_cdp_session(page)
            measure.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
            measure.send("Performance.enable")
            measure.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            if name == "empty":
                page.route(
                    "**/empty", lambda route: route.fulfill(body=EMPTY, content_type="text/html")
                )
                page.goto(f"{opened.base}/empty")
            else:
                opened.open(filled.at("health"))
                expect(page.get_by_role("heading", name="Health")).to_be_visible()
            found[name] = busy_seconds(page, measure)
    ratio = found["first"] / found["empty"]
    print(f"\nfirst screen: {found} s busy, {ratio:.1f} times an empty page")  # noqa: T201 - as above
    assert ratio <= MOST_TIMES_AN_EMPTY_PAGE
