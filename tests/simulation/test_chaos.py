"""Runs in which all of it comes together."""

from __future__ import annotations

import pytest

from tests.simulation.chaos import Chaos


@pytest.mark.parametrize("seed", [1, 2])
def test_an_hour_of_trouble_loses_nothing(seed: int) -> None:
    run = Chaos(seed, deliveries=600).run()
    assert not run.broken
    assert run.faults
    assert run.calls > 600


def test_a_run_is_replayed_by_its_seed() -> None:
    first, again, other = (Chaos(seed, deliveries=100).run() for seed in (7, 7, 8))
    assert first == again
    assert first.digest != other.digest
