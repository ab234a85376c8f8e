"""The API function of a stack that a file's tests share, each with a tenant of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from hookline.adapters.stack_inbound import ApiStack
from hookline_api.http.app import Api
from hookline_api.settings import ApiSettings
from tests.engine.clock import FakeClock
from tests.worlds.client import Client
from tests.worlds.stack import Stack, a_stack

_tenants = count(1)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    # Function ARNs in these tests' documents are allowed by none but those that say so.
    with a_stack(InvokeFunctionArns="") as stack:
        yield stack


@pytest.fixture(scope="module")
def clock(stack: Stack) -> FakeClock:
    return stack.clock


@pytest.fixture(scope="module")
def settings(stack: Stack) -> ApiSettings:
    return stack.settings(ApiSettings)


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return stack.api


@pytest.fixture(scope="module")
def stores(stack: Stack) -> ApiStack:
    """The API's own tables, for what the other functions would have written."""
    return stack.stores


@pytest.fixture
def client(stack: Stack) -> Client:
    """The root key's holder, in a tenant of this test's own."""
    return stack.client(f"tenant-{next(_tenants)}")
