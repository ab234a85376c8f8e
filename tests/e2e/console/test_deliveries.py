"""Screens 4 and 5: deliveries, and the attempts of one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.console.browser import Window
from tests.e2e.tenant import Hook, Tenant

SLOWLY = {"initial_delay_seconds": 3600, "multiplier": 1}


def waiting(tenant: Tenant) -> tuple[Hook, str]:
    """A webhook whose only delivery waits for an hour, and the delivery's id."""
    hook = tenant.hook("/fail/1", name="waits", retry=SLOWLY)
    found = hook.delivered(tenant.publish(), "retrying", attempts=1)
    return hook, str(found["id"])


def test_a_delivery_is_seen_to_be_retried_and_to_succeed(root: Window, tenant: Tenant) -> None:
    hook, delivery = waiting(tenant)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{delivery}")
    expect(page.locator(".head .status.wait")).to_be_visible()
    expect(page.locator(".notice.wait")).to_contain_text("its schedule")
    page.get_by_role("button", name="Retry now").click()
    expect(page.locator(".head .status.ok")).to_be_visible()
    expect(page.locator(".attempt")).to_have_count(2)
    expect(page.locator(".attempt").last).to_contain_text("a user's retry")


def test_a_delivery_is_cancelled(root: Window, tenant: Tenant) -> None:
    hook, delivery = waiting(tenant)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{delivery}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator(".head .status.off")).to_be_visible()
    assert tenant.api.get(f"{hook.at}/deliveries/{delivery}")["status"] == "cancelled"
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


@pytest.mark.parametrize("one", [False, True])
def test_an_attempt_that_is_late_is_due_and_not_past(
    root: Window, tenant: Tenant, one: bool
) -> None:
    hook, delivery = waiting(tenant)

    def late(route: Route) -> None:
        reply = route.fetch()
        answer = reply.json()
        for each in answer.get("items", [answer]):
            each |= {"next_attempt_at": each["created_at"], "waiting_for": "circuit"}
        route.fulfill(response=reply, json=answer)

    root.page.route(re.compile(r"/v1/.*/deliveries[/?]"), late)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}" + f"/deliveries/{delivery}" * one)
    if not one:
        page.get_by_role("button", name="Logs").click()
    place = page.locator(".notice.wait" if one else "tbody td:last-child")
    expect(place).to_contain_text("now due")
    expect(place).to_contain_text("the circuit's next probe")


def test_a_filter_that_the_list_does_not_offer_is_seen(root: Window, tenant: Tenant) -> None:
    page = root.open(f"t/{tenant.name}/deliveries?status=success")
    expect(page.get_by_label("Status")).to_have_value("success")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Status")).to_have_value("")
    expect(page.get_by_label("Status").locator("option")).to_have_count(4)


def test_an_attempt_is_shown_as_it_went_out_and_came_back(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="shown")
    event = tenant.publish(data={"total": 7, "name": "naïve ☃"})
    found = hook.delivered(event)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{found['id']}")
    attempt = page.locator(".attempt")
    expect(attempt).to_contain_text("naïve ☃")
    expect(attempt).to_contain_text("webhook-id")
    expect(attempt).to_contain_text(event)
    expect(attempt).to_contain_text("HTTP 200")


def test_an_attempt_is_copied_as_curl(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="copied")
    found = hook.delivered(tenant.publish())
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{found['id']}")
    page.get_by_role("button", name="Copy as curl").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"curl -X POST '{tenant.receiver.base}{hook.path}'")
    assert "--data-binary" in copied


def test_a_signature_is_verified_with_the_webhooks_own_secret(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="signed")
    event = tenant.publish()
    found = hook.delivered(event)
    sent = hook.arrives(event).headers["webhook-signature"]
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{found['id']}")
    page.get_by_role("button", name="Verify signature").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Read the webhook's secret").click()
    expect(dialog.get_by_label("Secret")).to_have_value(hook.secret)
    dialog.get_by_role("button", name="Compute").click()
    expect(dialog.get_by_text("Computed", exact=True)).to_be_visible()
    assert sent in dialog.inner_text()


def test_two_attempts_are_compared(root: Window, tenant: Tenant) -> None:
    hook, delivery = waiting(tenant)
    hook.patch(headers={"X-New": "yes"})
    tenant.api.post(f"{hook.at}/deliveries/{delivery}/retry")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}/deliveries/{delivery}")
    expect(page.locator(".attempt")).to_have_count(2)
    page.get_by_role("button", name="Compare attempts").click()
    expect(page.locator(".diff")).to_contain_text("X-New")


def test_the_log_comes_in_live(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook(name="live")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs")
    expect(page.get_by_text("No delivery yet")).to_be_visible()
    tenant.publish()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_log_is_filtered_by_status_and_type_and_the_address_keeps_it(
    root: Window, tenant: Tenant
) -> None:
    hook = tenant.hook(name="filtered")
    hook.delivered(tenant.publish(type="a.one"))
    hook.delivered(tenant.publish(type="b.two"))
    root.open(f"t/{tenant.name}/webhooks")
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Event type").fill("b.two")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Status").select_option("failed")
    expect(page.get_by_text("No delivery matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"(?=.*type=b\.two)(?=.*status=failed)"))
    page.go_back()
    page.go_forward()
    expect(page.get_by_text("No delivery matches")).to_be_visible()


def test_the_log_is_searched_by_response_code_error_kind_and_event(
    root: Window, tenant: Tenant
) -> None:
    hook = tenant.hook("/fail/1", name="searched", retry=SLOWLY)
    first = tenant.publish()
    hook.delivered(first, "retrying", attempts=1)
    second = tenant.publish()
    hook.delivered(second)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs&response_status=500")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(first)
    root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs&event_id={second}")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(second)
    root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs&error_kind=timeout")
    expect(page.get_by_text("No delivery matches")).to_be_visible()


def test_what_waits_or_failed_in_the_tenant_is_one_list(root: Window, tenant: Tenant) -> None:
    failing = tenant.hook("/status/500", name="gave up", retry={"max_attempts": 1})
    fine = tenant.hook(name="fine")
    event = tenant.publish()
    failing.delivered(event, "failed")
    fine.delivered(event)
    page = root.open(f"t/{tenant.name}/deliveries")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("gave up")


def test_several_are_retried_at_once(root: Window, tenant: Tenant) -> None:
    hook = tenant.hook("/fail/2", name="several", retry=SLOWLY)
    for event in (tenant.publish(), tenant.publish()):
        hook.delivered(event, "retrying", attempts=1)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}?tab=logs")
    boxes = page.locator("tbody input[type=checkbox]")
    expect(boxes).to_have_count(2)
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("tbody .status.ok")).to_have_count(2)


def test_a_delivery_held_by_a_webhook_that_is_off_says_so(root: Window, tenant: Tenant) -> None:
    hook, delivery = waiting(tenant)
    hook.patch(enabled=False)
    page = root.open(f"t/{tenant.name}/webhooks/{hook.id}")
    expect(page.locator(".notice.wait")).to_contain_text("Switched off")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    assert tenant.api.get(hook.at)["enabled"] is True
    assert tenant.api.get(f"{hook.at}/deliveries/{delivery}")["status"] == "retrying"
