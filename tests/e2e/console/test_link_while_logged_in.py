"""A link opened where somebody is logged in already: who planted it must not choose who one is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Tenant

KEPT = "() => sessionStorage.getItem('hookline.key')"


def link_to(tenant: Tenant, name: str) -> str:
    """A link that logs in as a principal of this name, who may read the tenant."""
    made, _ = tenant.principal(name=name, level="read")
    return str(tenant.api.post(f"/principals/{made}/sessions", {})["url"])


def paste(page: Page, link: str) -> None:
    page.evaluate("link => { location.href = link }", link)


def test_who_is_logged_in_is_asked_and_may_stay(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/health")
    paste(page, link_to(tenant, "somebody <b>else</b>"))
    asked = page.get_by_role("main")
    expect(asked).to_contain_text("You are logged in as the root key")
    expect(asked).to_contain_text("somebody <b>else</b>")
    assert "hls_" not in page.url
    assert page.evaluate(KEPT) == tenant.stack.root_key
    page.get_by_role("button", name="Stay as the root key").click()
    expect(page.locator(".who")).to_contain_text("root key")
    assert page.evaluate(KEPT) == tenant.stack.root_key


def test_who_says_so_goes_on_as_the_link_has_it(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/health")
    paste(page, link_to(tenant, "Ada"))
    page.get_by_role("button", name="Go on as Ada").click()
    expect(page.locator(".who")).to_contain_text("Ada")
    assert page.evaluate(KEPT).startswith("hls_")


def test_nothing_is_asked_of_who_opens_a_link_of_their_own(private: Window, tenant: Tenant) -> None:
    ada, _ = tenant.principal(name="Ada", level="read")
    until = private.page.locator(".who time")
    for seconds in (3_600, 7_200):
        made = tenant.api.post(f"/principals/{ada}/sessions", {"expires_in_seconds": seconds})
        private.page.goto(made["url"])
        expect(until).to_have_attribute("datetime", made["expires_at"])


def test_a_link_that_has_ended_logs_nobody_out(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/health")
    paste(page, link_to(tenant, "Ada").replace("#session=hls_", "#session=hls_x"))
    expect(page.get_by_role("main")).to_contain_text("This link has ended")
    expect(page.get_by_role("button", name="Go on as")).to_have_count(0)
    page.get_by_role("button", name="Stay as the root key").click()
    expect(page.locator(".who")).to_contain_text("root key")


def test_a_link_is_followed_where_the_login_before_it_has_ended(
    private: Window, tenant: Tenant
) -> None:
    private.open("")
    private.page.evaluate("() => sessionStorage.setItem('hookline.key', 'hls_long_gone')")
    paste(private.page, link_to(tenant, "Ada"))
    expect(private.page.locator(".who")).to_contain_text("Ada")
