from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from hookline.adapters.http import GuardedCaller, tls

# Making the context takes longer than most of these tests.
DEFAULTS: dict[str, Any] = {
    "allowed_networks": (ip_network("127.0.0.0/8"),),
    "public_roots": functools.cache(tls.public_roots),
}

MakeCaller = Callable[..., GuardedCaller]

_attempts: list[list[Any]] = []


def _note_connect(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _attempts:
        return
    for observed in _attempts:
        observed.append(arguments[1])
    # Raising in an audit hook prevents the act: a guard that fails must not reach the internet.
    if not arguments[1][0].startswith("127."):
        raise AssertionError(f"the test tried to leave this machine: {arguments[1]}")


# Python's own report of every connect() in this process, whoever makes it. A hook stays for good.
sys.addaudithook(_note_connect)


@pytest.fixture(autouse=True)
def connects() -> Iterator[list[Any]]:
    """Every socket address that anything in this process connects to during the test."""
    observed: list[Any] = []
    _attempts.append(observed)
    yield observed
    _attempts.remove(observed)


@pytest.fixture
def make_caller() -> Iterator[MakeCaller]:
    """Callers that may go to loopback, closed when the test is over."""
    callers: list[GuardedCaller] = []

    def make(**options: Any) -> GuardedCaller:
        callers.append(GuardedCaller(**{**DEFAULTS, **options}))
        return callers[-1]

    yield make
    for caller in callers:
        caller.close()


@pytest.fixture
def caller(make_caller: MakeCaller) -> GuardedCaller:
    return make_caller()
