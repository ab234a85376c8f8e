"""Runs in which all of it comes together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation.chaos import Chaos
from tests.simulation.lagging import Behind
from tests.simulation.world import SECOND, World


def interleaved(seed: int) -> World:
    """Whoever runs makes way at each call, and the index lags by more than a call takes."""
    return World(seed, interleave=True, due=lambda world, due: Behind(world, due, SECOND))


@pytest.mark.parametrize("seed", [1, 2, 42])
@pytest.mark.parametrize("make", [World, interleaved])
def test_an_hour_of_trouble_loses_nothing(seed: int, make: Callable[[int], World]) -> None:
    run = Chaos(seed, deliveries=600, make=make).run()
    assert not run.broken
    assert run.faults
    assert run.calls > 600


def test_a_run_is_replayed_by_its_seed() -> None:
    first, again, other = (Chaos(seed, deliveries=100).run() for seed in (7, 7, 8))
    assert first == again
    assert first.digest != other.digest
