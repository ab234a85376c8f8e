"""The owner link: what an endpoint's owner, who knows nothing of the stack, sees and finds out."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Hook, Tenant

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>'


def owner_of(tenant: Tenant, hook: Hook, level: str = "write") -> str:
    made = tenant.api.post("/principals", {"name": "contoso"})
    tenant.api.put(f"{hook.at}/rights/{made['id']}", {"level": level})
    return str(made["id"])


def link_for(tenant: Tenant, principal: str, **look: Any) -> str:
    return str(tenant.api.post(f"/principals/{principal}/sessions", look)["url"])


def follow(private: Window, link: str) -> Page:
    private.page.goto(link)
    private.settled()
    return private.page


def test_a_link_looks_as_its_maker_said(
    root: Window, private: Window, tenant: Tenant, tmp_path: Path
) -> None:
    owner_of(tenant, tenant.hook(name="mine"))
    logo = tmp_path / "logo.svg"
    logo.write_bytes(PICTURE)
    page = root.open(f"t/{tenant.name}/access")
    page.get_by_role("button", name="Owner link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name shown").fill("Contoso <b>hooks</b>")
    dialog.get_by_label("Logo").set_input_files(logo)
    dialog.get_by_label("Colour").fill("green")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.locator(".wrong")).to_contain_text("must be #rrggbb")
    dialog.get_by_label("Colour").fill("#ffee00")
    dialog.get_by_role("button", name="Make the link").click()
    shown = follow(private, dialog.locator("pre").inner_text())
    expect(shown.locator(".brand")).to_have_text("Contoso <b>hooks</b>")
    encoded = base64.b64encode(PICTURE).decode()
    expect(shown.locator(".brand img")).to_have_attribute(
        "src", f"data:image/svg+xml;base64,{encoded}"
    )
    link = shown.get_by_role("link", name="mine", exact=True)
    red, green, blue = link.evaluate(
        """link => {
          const canvas = document.createElement("canvas").getContext("2d");
          canvas.fillStyle = getComputedStyle(link).color;
          canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )
    # Yellow it is, as dark as text on white has to be.
    assert red > 2 * blue
    assert green > 2 * blue
    assert max(red, green) < 0x90


def test_a_link_is_good_on_the_page_that_asks_for_a_key(private: Window, tenant: Tenant) -> None:
    link = link_for(tenant, owner_of(tenant, tenant.hook(name="mine")))
    page = private.open("")
    # As pasted over the address: nothing but the fragment differs, and no page is loaded.
    page.evaluate("link => { location.href = link }", link)
    expect(page.get_by_role("link", name="mine", exact=True)).to_be_visible()
    assert "hls_" not in page.url


def test_a_link_that_has_ended_says_what_to_do(private: Window, tenant: Tenant) -> None:
    principal = owner_of(tenant, tenant.hook(name="mine"))
    link = link_for(tenant, principal)
    page = follow(private, link.replace("#session=hls_", "#session=hls_x"))
    expect(page.get_by_role("alert")).to_contain_text("Ask for a new link")


def test_an_owner_finds_out_why_an_event_did_not_arrive(private: Window, tenant: Tenant) -> None:
    mine = tenant.hook(name="mine", events=["order.paid"])
    other = tenant.hook(name="somebody else's")
    event = tenant.publish(type="order.created")
    other.delivered(event)
    page = follow(private, link_for(tenant, owner_of(tenant, mine, "read")))
    page.get_by_role("link", name="Did not arrive?").click()
    page.get_by_label("Event id").fill(event)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("not sent")
    expect(rows).to_contain_text("the type")
    expect(page.get_by_text("Not here, or not for this key")).to_have_count(0)
    expect(page.get_by_text("somebody else's")).to_have_count(0)


def test_what_an_owner_may_not_do_is_not_offered(private: Window, tenant: Tenant) -> None:
    mine = tenant.hook(name="mine", body_template="{{type}}", content_type="text/plain")
    page = follow(private, link_for(tenant, owner_of(tenant, mine, "admin")))
    page.get_by_role("link", name="mine", exact=True).click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    # Both take a level in the tenant.
    expect(page.get_by_role("link", name="Duplicate")).to_have_count(0)
    expect(page.get_by_role("link", name="Workshop")).to_have_count(0)
    private.open(f"t/{tenant.name}/webhooks/new")
    expect(page.get_by_text("takes the level write in the tenant")).to_be_visible()
    expect(page.get_by_role("button", name="Create webhook")).to_have_count(0)
    # Of people an owner knows those only who told their ids.
    colleague = tenant.api.post("/principals", {"name": "fabrikam"})
    private.open(f"t/{tenant.name}/webhooks/{mine.id}?tab=rights")
    page.get_by_label("Principal").fill(colleague["id"])
    page.get_by_role("button", name="Give this level").click()
    expect(page.locator("tbody")).to_contain_text("fabrikam")


def test_a_link_outlasts_an_api_that_cannot_be_reached(private: Window, tenant: Tenant) -> None:
    page = follow(private, link_for(tenant, owner_of(tenant, tenant.hook(name="mine"))))
    expect(page.get_by_role("link", name="mine", exact=True)).to_be_visible()
    page.route("**/v1/me", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    page.unroute("**/v1/me")
    page.reload()
    expect(page.get_by_role("link", name="mine", exact=True)).to_be_visible()
