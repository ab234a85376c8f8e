"""A browser for the whole run, and for each test a window of its own that must not complain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.console.browser import Window, chromium, window
from tests.e2e.console.in_process import Served, served
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def root(browser: Browser, stack: Stack) -> Iterator[Window]:
    """The holder of the root key."""
    with window(browser, stack.api, stack.root_key) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
def private(browser: Browser, stack: Stack) -> Iterator[Window]:
    """A private window, at no page yet."""
    with window(browser, stack.api, None) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture(scope="module")
def here() -> Iterator[Served]:
    """A stack in this process, whose calls can be counted."""
    with served() as running:
        yield running
