"""The API's page: read, searched, tried and copied from, with the document's example bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.console.browser import Window, window
from tests.e2e.console.in_process import Served
from tests.e2e.tenant import Tenant


@pytest.fixture
def docs(browser: Browser, here: Served) -> Iterator[Window]:
    """A window of the root key's holder, on no page yet."""
    with window(browser, here.addresses.api, here.addresses.root_key) as opened:
        yield opened
        assert opened.complaints == []


def at(docs: Window, place: str = "") -> Page:
    docs.page.goto(f"{docs.base}/v1/docs{place}")
    expect(
        docs.page.get_by_text("Publish an event over HTTPS").or_(shown(docs.page))
    ).to_be_visible()
    return docs.page


def shown(page: Page) -> Locator:
    """The operation that is looked at."""
    return page.locator("api-request")


def test_an_operation_has_an_address_of_its_own_by_its_id(docs: Window) -> None:
    page = at(docs, "#create_webhook")
    expect(page.get_by_role("heading", name="Create a webhook")).to_be_visible()
    expect(page).to_have_url(re.compile("/v1/docs#post-/v1/tenants/-tenant-/webhooks$"))
    page.reload()
    expect(page.get_by_role("heading", name="Create a webhook")).to_be_visible()


def test_an_operation_is_found_by_search(docs: Window) -> None:
    page = at(docs)
    page.get_by_placeholder("Filter").fill("why an event")
    page.keyboard.press("Enter")
    navigation = page.locator(".nav-bar-path:visible")
    expect(navigation).to_have_count(1)
    navigation.click()
    expect(page.get_by_role("heading", name=re.compile("why an event"))).to_be_visible()


def test_nested_fields_and_the_documents_own_example_are_shown(docs: Window) -> None:
    page = at(docs, "#create_webhook")
    body = page.locator("textarea")
    expect(body).to_have_value(re.compile("orders to the warehouse"))
    assert json.loads(body.input_value())["events"] == ["order.*"]
    # A field of the field `retry`.
    expect(shown(page).get_by_text("max_age_seconds").first).to_be_visible()


def test_a_call_is_made_with_the_key_of_this_tab(docs: Window, here: Served) -> None:
    tenant = Tenant(here.addresses)
    docs.open(f"t/{tenant.name}/webhooks")
    page = at(docs, "#create_webhook")
    expect(page.locator("input[data-pname=tenant]")).to_have_value(tenant.name)
    with page.expect_response("**/webhooks") as answered:
        page.get_by_role("button", name="TRY").click()
    assert answered.value.status == 201
    (made,) = tenant.api.get("/webhooks")["items"]
    assert made["name"] == "orders to the warehouse"


def test_a_call_is_copied_as_curl_without_the_key(docs: Window) -> None:
    page = at(docs, "#create_webhook")
    expect(page.locator("pre", has_text="curl -X POST")).to_contain_text("$HOOKLINE_KEY")
    page.get_by_role("button", name="Copy").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f'curl -X POST "{docs.base}/v1/tenants/acme/webhooks"')
    assert '"authorization: Bearer $HOOKLINE_KEY"' in copied
    assert '"name":"orders to the warehouse"' in copied
    assert "hl_root_" not in copied
