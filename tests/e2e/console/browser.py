"""The system's Chromium, as one person uses the console with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

PATIENCE_MILLISECONDS = 60_000
"""For what a busy machine shows late: the emulator starts a worker for each function."""

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Started once; its contexts are private windows."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    assert binary is not None, "the console's journeys need the system's chromium"
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class Window:
    """One tab; what its console complained of is kept, refusals by the content policy included."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """A screen by its address below /console."""
        self.page.goto(f"{self.base}/console/{path.lstrip('/')}")
        self.settled()
        return self.page

    def settled(self) -> None:
        """Waits until nothing is loading."""
        expect(self.page.locator(".boot")).to_have_count(0)
        expect(self.page.locator(".skeleton")).to_have_count(0)


@contextmanager
def window(
    browser: Browser,
    base: str,
    key: str | None,
    *,
    width: int = 1440,
    scheme: str = "light",
    own_authorities: bool = False,
) -> Iterator[Window]:
    """A private window, logged in with ``key`` where there is one.

    ``own_authorities``: certificates of authorities that no system knows are good, too.
    """
    context = browser.new_context(
        ignore_https_errors=own_authorities,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    if key is not None:
        page.add_init_script(
            f"sessionStorage.getItem('left') || sessionStorage.setItem('hookline.key', '{key}')"
        )
    opened = Window(page, base)

    def heard(message: ConsoleMessage) -> None:
        # A refusal of the API is an answer that the page shows; the browser tells of it, too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            opened.complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    try:
        yield opened
    finally:
        context.close()
