"""Thousands of webhooks and deliveries: a screen costs what it shows, not what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.adapters.dynamo.webhook.webhook_item import to_item
from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from tests.builders import a_delivery, a_webhook, an_attempt, an_id
from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Hook, Tenant
from tests.worlds.resources import table_name

PAGE = 50
BUSY = "the busy one"


@dataclass(frozen=True, slots=True)
class Grown:
    """A tenant with so many webhooks, and a webhook with so many deliveries."""

    tenant: Tenant
    busy: Hook


def grown(here: Served, webhooks: int, deliveries: int) -> Grown:
    """As fan-out and senders would have left it, written past them."""
    tenant = Tenant(here.addresses)
    owner, now, stores = TenantId(tenant.name), datetime.now(UTC), here.stack.stores
    others = []
    # Item by item: moto copies all of its tables for each transaction.
    with here.quiet():
        for number in range(webhooks - 1):
            at = now - timedelta(minutes=number + 1)
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
    # A tenth of all to the busy one, the rest to all of the others in turn.
    ids = [WebhookId(busy.id), *others]
    with here.quiet():
        stores.new_deliveries.create(
            [
                a_delivery(
                    tenant=owner,
                    webhook_id=ids[0 if number % 10 == 0 else number % len(ids)],
                    created_at=(at := now - timedelta(seconds=number + 60)),
                    event_id=EventId(an_id("evt", at)),
                    event_type="thing.happened",
                    status=Status.SUCCESS,
                    attempt_count=1,
                    last_attempt=an_attempt(started_at=at),
                )
                for number in range(deliveries)
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
    page = opened.open(f"t/{grown.tenant.name}/{path.format(busy=grown.busy.id)}")
    page.wait_for_load_state("networkidle")
    elements: int = page.evaluate("() => document.querySelectorAll('*').length")
    # A screen that is slow to settle may have asked again by then: it asks the same.
    sizes = {call.target.partition("?")[0]: call.size for call in here.calls}
    return Cost(len(sizes), sum(sizes.values()), elements)


@pytest.mark.parametrize(
    "path",
    [
        *("health", "webhooks", "deliveries", "deliveries?status=success", "workshop"),
        "webhooks/{busy}",
    ],
)
def test_a_screen_costs_what_it_shows(
    here: Served, opened: Window, small: Grown, large: Grown, path: str
) -> None:
    little = look(here, opened, small, path)
    much = look(here, opened, large, path)
    print(f"\n{path}: of few {little}, of many {much}")  # noqa: T201 - what a look costs is worth a line
    assert much.calls <= little.calls
    # What is counted has more digits, and more hours with something in them.
    assert much.size <= 1.3 * little.size
    assert much.elements <= 1.3 * little.elements


def test_a_thousand_webhooks_are_paged_and_found(
    here: Served, opened: Window, large: Grown
) -> None:
    page = opened.open(f"t/{large.tenant.name}/webhooks")
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
