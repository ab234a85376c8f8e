"""Screen 7: templates and filters, tried before they are saved."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Tenant
from tests.published import published


def test_a_template_shows_its_body_and_a_broken_one_its_place(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/workshop")
    page.get_by_label("Template", exact=True).fill('{"kind": "{{type}}"}')
    expect(page.get_by_text('{"kind": "order.created"}')).to_be_visible()
    expect(page.locator(".notice.ok")).to_contain_text("Valid")
    page.get_by_label("Template", exact=True).fill('{"kind": "{{#type}}"}')
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Template", exact=True).fill("{{type}}")
    expect(page.locator(".notice.bad")).to_be_visible()


def test_the_unleash_pages_template_works_on_a_real_event(root: Window, tenant: Tenant) -> None:
    event = tenant.publish(published("unleash_feature_created"))
    page = root.open(f"t/{tenant.name}/workshop")
    page.get_by_label("Take an event").select_option(f"e{event}")
    page.get_by_label("Start from").select_option("Unleash: its own example")
    expect(page.locator(".notice.ok")).to_contain_text("Valid")
    body = json.loads(page.locator("figure pre").first.inner_text())
    assert body["event"] == "feature-created"


def test_izanamis_template_computes_activation(root: Window, tenant: Tenant) -> None:
    event = tenant.publish(published("izanami_feature_updated"))
    page = root.open(f"t/{tenant.name}/workshop")
    page.get_by_label("Take an event").select_option(f"e{event}")
    page.get_by_label("Start from").select_option("Izanami: activation")
    expect(page.locator(".notice.ok")).to_contain_text("Valid")
    body = json.loads(page.locator("figure pre").first.inner_text())
    assert isinstance(body["active"], bool)


def test_a_template_is_tried_on_the_last_events_and_saved(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="templated")
    hook.delivered(tenant.publish(data={"n": 1}))
    page = root.open(f"t/{tenant.name}/workshop?webhook={hook.id}")
    page.get_by_label("Template", exact=True).fill('{"n": {{data.n}}}')
    page.get_by_role("button", name="Try on the last").click()
    expect(page.locator("tbody")).to_contain_text('{"n": 1}')
    page.get_by_role("button", name="Save into this webhook").click()
    expect(page.get_by_text("Saved into templated")).to_be_visible()
    assert tenant.api.get(hook.at)["body_template"] == '{"n": {{data.n}}}'


def test_what_an_edit_would_change_of_real_events_is_told(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(
        name="both",
        filter="data.n > `1`",
        body_template='{"n": {{data.n}}}',
        headers={"X-Team": "blue"},
    )
    hook.delivered(tenant.publish(data={"n": 2}))
    tenant.publish(data={"n": 1})
    page = root.open(f"t/{tenant.name}/workshop?webhook={hook.id}&mode=filter")
    rows = page.locator("tbody tr")
    page.get_by_role("button", name="Try on the last").click()
    expect(page.get_by_text("nothing would change")).to_be_visible()
    page.get_by_label("Filter", exact=True).fill("data.n > `0`")
    page.get_by_role("button", name="Try on the last").click()
    expect(page.get_by_text("1 of 2 would change")).to_be_visible()
    expect(rows.first).to_contain_text("not called")
    expect(rows.last).to_contain_text("the same")
    page = root.open(f"t/{tenant.name}/workshop?webhook={hook.id}")
    expect(page.get_by_text("X-Team: blue")).to_be_visible()
    page.get_by_label("Template", exact=True).fill('{"now": {{data.n}}}')
    page.get_by_role("button", name="Try on the last").click()
    expect(page.get_by_text("2 of 2 would change")).to_be_visible()
    expect(rows.first).to_contain_text('{"n": 1}')


def test_a_filter_says_whether_the_webhook_would_be_called(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/workshop?mode=filter")
    page.get_by_label("Filter", exact=True).fill("data.total > `10`")
    expect(page.locator(".notice.ok")).to_contain_text("would be called")
    page.get_by_label("Filter", exact=True).fill("data.total > `100`")
    expect(page.get_by_text("No:")).to_be_visible()
    page.get_by_label("Filter", exact=True).fill("data.total >")
    expect(page.get_by_role("alert")).to_be_visible()
