"""Nobody feels what another tenant does; `python -m bench.isolation` shows the same, larger."""

from __future__ import annotations

import pytest

from tests.simulation.isolation import (
    Felt,
    Loud,
    felt,
    heavy_filters,
    many_webhooks,
    one_event_to_many,
    quiet,
    throttled_reads,
    waiting,
)
from tests.simulation.world import MINUTE

SMALL: dict[str, Loud] = {
    "heavy filters": heavy_filters(webhooks=30, items=600, per_second=0.2),
    "a throttled tenant": throttled_reads(per_second=1),
    "many waiting deliveries": waiting(2_000),
    "one event to many webhooks": one_event_to_many(1_500),
    "a tenant of many webhooks": many_webhooks(1_500, per_second=1),
}


@pytest.fixture(scope="module")
def undisturbed() -> Felt:
    return felt(quiet)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_healthy_tenants_do_not_feel(undisturbed: Felt, name: str) -> None:
    shown = felt(SMALL[name])
    assert shown.healthy.p99 <= 1.2 * undisturbed.healthy.p99
    assert shown.healthy.longest < MINUTE
