"""One local stack for the whole run. HOOKLINE_STACK=.local/stack.json reuses one that is up.

That one has to be started with the HOOKLINE_PARAMETERS that are given here; a test that misses them
says so and is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.stack import OWN_ADDRESS, Stack, started
from tests.e2e.tenant import Tenant
from tests.e2e.user_functions import ALLOWED_ARN


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The deployed system, IAM enforced."""
    running = os.environ.get("HOOKLINE_STACK")
    if running:
        yield Stack.read(Path(running))
        return
    parameters = " ".join((f"InvokeFunctionArns={ALLOWED_ARN}", *OWN_ADDRESS))
    with started(tmp_path_factory.mktemp("stack"), parameters) as own:
        yield own


@pytest.fixture
def tenant(stack: Stack) -> Iterator[Tenant]:
    """A tenant of the test's own, whose deliveries end with the test."""
    with closing(Tenant(stack)) as own:
        yield own
