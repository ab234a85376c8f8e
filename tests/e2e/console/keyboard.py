"""A person without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page

MOST_TABS = 120
_FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels && one.labels[0] && one.labels[0].querySelector("span");
  return [one.getAttribute("aria-label"), one.innerText, label && label.innerText, one.name]
    .filter(Boolean).map((text) => text.trim());
}"""


def tabbed_to(page: Page, name: str) -> None:
    """Goes on by Tab until what has the focus is called so."""
    seen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        names = page.evaluate(_FOCUSED)
        if name in names:
            return
        seen.append(names[:1])
    raise AssertionError(f"Tab never reached {name!r}, only {seen}")


def pressed(page: Page, name: str, key: str = "Enter") -> None:
    """Goes to what is called so and presses a key."""
    tabbed_to(page, name)
    page.keyboard.press(key)


def typed(page: Page, name: str, text: str) -> None:
    """Goes to a field and puts a text into it, in place of what was there."""
    tabbed_to(page, name)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
