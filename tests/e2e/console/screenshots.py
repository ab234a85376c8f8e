"""`make screenshots`: the pictures of docs/ and README, of a tenant that is filled for them.

Against the local stack, which it starts; HOOKLINE_STACK=stack.json takes one that is up.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.console.browser import chromium, window
from tests.e2e.stack import ROOT, Stack, started
from tests.e2e.tenant import Tenant

PICTURES = ROOT / "docs" / "pictures"
WIDTH = 1280
QUALITY = 72
LATER = {"initial_delay_seconds": 3600}


def filled(stack: Stack) -> dict[str, str]:
    """A tenant as a shop would have it: the screens to show, by name."""
    tenant = Tenant(stack)
    warehouse = tenant.hook(name="Orders to the warehouse", events=["order.*"])
    tenant.hook(name="Billing ledger", events=["invoice.paid"])
    large = tenant.hook(name="Data lake", filter="data.total > `500`")
    tenant.hook(name="Mobile push, paused", events=["order.created"], enabled=False)
    partner = tenant.hook("/status/503", name="Partner: Contoso", events=["order.created"])
    search = tenant.hook("/fail/1", name="Search index", events=["order.*"], retry=LATER)
    given_up = tenant.hook("/status/401", name="CRM, old", retry={"max_attempts": 1})
    first, *others = enumerate(("order.created", "invoice.paid", "order.shipped") * 5, 1)

    def publish(number: int, kind: str) -> str:
        return tenant.publish(
            type=kind,
            actor={"id": "u-7", "name": "Ada Lovelace"},
            entity_id=f"o-{number}",
            data={"total": 19 * number, "currency": "EUR", "lines": [{"sku": "A-1", "n": 2}]},
        )

    # Alone: the search index fails whichever call arrives first.
    event = publish(*first)
    for hook, status in ((warehouse, "success"), (given_up, "failed")):
        hook.delivered(event, status, attempts=1)
    failing = search.delivered(event, "retrying", attempts=1)
    for other in others:
        publish(*other)
    partner.delivered(event, "retrying", attempts=2)
    return {
        "health": f"t/{tenant.name}/health",
        "webhooks": f"t/{tenant.name}/webhooks",
        "delivery": f"t/{tenant.name}/webhooks/{search.id}/deliveries/{failing['id']}",
        "why": f"t/{tenant.name}/events/{event}",
        "workshop": f"t/{tenant.name}/workshop?webhook={large.id}",
    }


@contextmanager
def a_stack() -> Iterator[Stack]:
    """The one that is up, or one of its own."""
    running = os.environ.get("HOOKLINE_STACK")
    with ExitStack() as undo:
        if running:
            yield Stack.read(Path(running))
            return
        folder = undo.enter_context(tempfile.TemporaryDirectory())
        yield undo.enter_context(started(Path(folder)))


def main() -> None:
    """Takes each screen in light and dark, as WebP."""
    PICTURES.mkdir(exist_ok=True)
    with a_stack() as stack, chromium() as browser:
        screens = filled(stack)
        for scheme in ("light", "dark"):
            with window(browser, stack.api, stack.root_key, width=WIDTH, scheme=scheme) as opened:
                for name, path in screens.items():
                    page = opened.open(path)
                    page.wait_for_load_state("networkidle")
                    if name == "workshop":
                        page.get_by_role("button", name="Apply").click()
                        page.wait_for_load_state("networkidle")
                    taken = page.context.new_cdp_session(page).send(
                        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
                    )
                    picture = PICTURES / f"{name}-{scheme}.webp"
                    picture.write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main()
