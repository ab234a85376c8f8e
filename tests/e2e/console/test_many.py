"""Thousands of webhooks and deliveries: a screen costs what it shows, not what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Route, expect

from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook.webhook_item import to_item
from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from tests.builders import a_delivery, a_webhook, an_attempt, an_id
from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Hook, Tenant
from tests.e2e.waiting import eventually
from tests.worlds.resources import table_name

PAGE = 50
BUSY = "the busy one"
FAILING = "the failing one"
SINCE_IT_FAILED = 250
"""More than two pages of a tenant's list look at in one log."""

RARE = "rare.thing"


@dataclass(frozen=True, slots=True)
class Grown:
    """A tenant with so many webhooks, and its webhook with the most deliveries."""

    tenant: Tenant
    busy: Hook

    def at(self, path: str) -> str:
        """A screen's address; `{busy}` in it is the busy webhook."""
        return f"t/{self.tenant.name}/{path.format(busy=self.busy.id)}"


def grown(here: Served, webhooks: int, deliveries: int) -> Grown:
    """As fan-out and senders would have left it, written past them."""
    tenant = Tenant(here.addresses)
    owner, stores = TenantId(tenant.name), here.stack.stores
    # The oldest: on no first page.
    failing = tenant.hook("/status/500", name=FAILING, events=[RARE], retry={"max_attempts": 1})
    failing.delivered(tenant.publish(type=RARE), "failed")
    now = datetime.now(UTC)
    others = []
    # Item by item: moto copies all of its tables for each transaction.
    with here.quiet():
        for number in range(webhooks - 2):
            at = now + timedelta(milliseconds=number)
            made = a_webhook(
                tenant=owner,
                id=WebhookId(an_id("wh", at)),
                name=f"webhook {number:04}",
                events=("nothing.ever",),
                created_at=at,
                updated_at=at,
            )
            others.append(made.id)
            here.stack.dynamodb.put_item(
                TableName=table_name("webhooks"), Item=to_wire(to_item(made))
            )
    busy = tenant.hook(name=BUSY)

    def arrived(webhook: str, at: datetime, kind: str = "thing.happened") -> Delivery:
        return a_delivery(
            tenant=owner,
            webhook_id=WebhookId(webhook),
            created_at=at,
            event_id=EventId(an_id("evt", at)),
            event_type=kind,
            status=Status.SUCCESS,
            attempt_count=1,
            last_attempt=an_attempt(started_at=at),
        )

    # A tenth of all to the busy one, the rest to all of the others in turn.
    ids = [busy.id, *others]
    ago = [now - timedelta(seconds=number + 60) for number in range(deliveries)]
    with here.quiet():
        stores.new_deliveries.create(
            [
                *(
                    arrived(ids[0 if number % 10 == 0 else number % len(ids)], at)
                    for number, at in enumerate(ago)
                ),
                *(
                    arrived(failing.id, now + timedelta(milliseconds=number))
                    for number in range(SINCE_IT_FAILED)
                ),
                arrived(busy.id, ago[-1] - timedelta(seconds=1), RARE),
            ]
        )
    return Grown(tenant, busy)


@pytest.fixture(scope="module")
def small(here: Served) -> Grown:
    """Of each more than the longest page."""
    return grown(here, 120, 2_400)


@pytest.fixture(scope="module")
def large(here: Served) -> Grown:
    return grown(here, 1_000, 10_000)


@pytest.fixture
def opened(browser: Browser, here: Served) -> Iterator[Window]:
    with window(browser, here.addresses.api, here.addresses.root_key) as one:
        yield one
        assert one.complaints == []


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one look at a screen."""

    calls: int
    size: int
    elements: int


def look(here: Served, opened: Window, grown: Grown, path: str) -> Cost:
    here.calls.clear()
    page = opened.open(grown.at(path))
    page.wait_for_load_state("networkidle")
    elements: int = page.evaluate("() => document.querySelectorAll('*').length")
    # A screen that is slow to settle may have asked again by then: it asks the same.
    sizes = {call.target.partition("?")[0]: call.size for call in here.calls}
    return Cost(len(sizes), sum(sizes.values()), elements)


@pytest.mark.parametrize(
    "path",
    [
        *("health", "webhooks", "deliveries", "deliveries?status=failed", "workshop"),
        *("webhooks/{busy}", "webhooks/{busy}?tab=logs"),
    ],
)
def test_a_screen_costs_what_it_shows(
    here: Served, opened: Window, small: Grown, large: Grown, path: str
) -> None:
    much = look(here, opened, large, path)

    def no_less() -> Cost | None:
        little = look(here, opened, small, path)
        # What is counted has more digits, and more hours with something in them.
        fits = (
            much.calls <= little.calls
            and much.size <= 1.3 * little.size
            and much.elements <= 1.3 * little.elements
        )
        return little if fits else None

    # Where the machine is busy, a look at few may be over before all of it has come.
    little = eventually(no_less, f"look at few that costs what one at many does: {much}")
    print(f"\n{path}: of few {little}, of many {much}")  # noqa: T201 - what a look costs is worth a line


def test_a_thousand_webhooks_are_paged_and_found(
    here: Served, opened: Window, large: Grown
) -> None:
    page = opened.open(large.at("webhooks"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(PAGE)
    expect(page.locator(".more")).to_contain_text("the list goes on")
    here.calls.clear()
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(2 * PAGE)
    assert len(here.calls) == 1
    page.get_by_label("Name or address").fill("webhook 0777")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("webhook 0777")


def asked(here: Served, of: str) -> list[str]:
    """The calls up to now whose path ends so, in full."""
    targets = [call.target for call in here.calls]
    return [target for target in targets if target.partition("?")[0].endswith(of)]


def test_a_long_log_is_paged(here: Served, opened: Window, large: Grown) -> None:
    opened.page.clock.install()
    page = opened.open(large.at("webhooks/{busy}?tab=logs"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(PAGE)
    live = page.get_by_role("button", name="Live")
    expect(live).to_have_attribute("aria-pressed", "true")
    here.calls.clear()
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(2 * PAGE)
    # The first page alone, come anew, would leave rows out between the two.
    expect(live).to_have_attribute("aria-pressed", "false")
    assert len([one for one in asked(here, "/deliveries") if "cursor=" in one]) == 1
    # However often it came before: from here on no more, but one that is on its way.
    here.calls.clear()
    page.clock.run_for(60_000)
    page.wait_for_load_state("networkidle")
    assert len(asked(here, "/deliveries")) <= 1
    live.click()
    expect(rows).to_have_count(PAGE)
    expect(live).to_have_attribute("aria-pressed", "true")


def test_a_filtered_log_goes_on_live_without_being_searched_again(
    here: Served, opened: Window, large: Grown
) -> None:
    page = opened.open(large.at("webhooks/{busy}?tab=logs"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(PAGE)
    page.get_by_label("Event type").fill(RARE)
    # Of what the tests before have published there may be more.
    expect(rows.last).to_contain_text(RARE)
    before = rows.count()
    here.calls.clear()
    event = large.tenant.publish(type=RARE)
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text(event)
    # One without the filter may have been on its way when it was typed.
    filtered = [one for one in asked(here, f"{large.busy.id}/deliveries") if RARE in one]
    assert filtered
    assert all("since=" in target for target in filtered)


def test_what_failed_below_much_that_did_not_is_searched_for(opened: Window, large: Grown) -> None:
    page = opened.open(large.at("deliveries?status=failed"))
    rows = page.locator("tbody tr")
    further = page.get_by_role("button", name="Search further")
    expect(rows.or_(further).first).to_be_visible()
    while rows.count() == 0:
        further.click()
        expect(rows.or_(further).first).to_be_visible()
    # Its name, although a thousand webhooks are newer.
    expect(rows.first).to_contain_text(FAILING)


def test_a_slow_answer_is_waited_for(opened: Window, small: Grown) -> None:
    asks: list[Route] = []
    page = opened.page

    def hold_the_first(route: Route) -> None:
        asks.append(route)
        if len(asks) > 1:
            route.continue_()

    page.clock.install()
    page.route("**/v1/**/deliveries?**", hold_the_first)
    with page.expect_request("**/v1/**/deliveries?**"):
        page.goto(f"{opened.base}/console/{small.at('webhooks/{busy}?tab=logs')}")
    page.clock.run_for(20_000)
    assert len(asks) == 1
    asks[0].continue_()
    expect(page.locator("tbody tr")).to_have_count(PAGE)


def test_one_webhook_of_a_thousand_is_picked_in_the_workshop(opened: Window, large: Grown) -> None:
    page = opened.open(large.at("workshop"))
    page.get_by_label("Find a webhook").fill("webhook 0777")
    expect(page.get_by_text("1 to choose from")).to_be_visible()
    page.get_by_label("Webhook", exact=True).select_option(label="webhook 0777")
    expect(page.get_by_role("button", name="Save into this webhook")).to_be_visible()
