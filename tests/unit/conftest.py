"""What many unit tests begin with."""

from __future__ import annotations

import pytest

from tests.engine.system import System


@pytest.fixture
def system() -> System:
    return System()
