"""A dry run, like fan-out, takes a bounded share whatever a tenant's webhooks are."""

from __future__ import annotations

from hookline.services.fan_out.dry_run import MOST_STEPS, DryRun
from tests.builders import TENANT
from tests.engine.system import System

COSTLY = "length(data.items[?a==`3` && s=='x' || a==`9`]) > `99999`"
LARGE = {"items": [{"a": number % 7, "s": f"s{number}"} for number in range(600)]}
STEPS_OF_ONE = 9_000
"""What the costly filter takes of such an event, at least."""


def dry_run(system: System, document: dict[str, object]) -> tuple[int, bool]:
    """How many webhooks were judged, and whether it ended early."""
    engine = system.engine
    run = DryRun(engine.webhooks_table, engine.events_table, engine.clock)
    found = run(TENANT, document, frozenset)
    return len(found.items), found.truncated


def test_a_dry_run_ends_early_where_filters_take_too_much_and_says_so(system: System) -> None:
    for _ in range(300):
        system.webhook(filter=COSTLY)
    judged, truncated = dry_run(system, {"type": "flow.executed", "data": LARGE})
    assert truncated
    assert 0 < judged <= MOST_STEPS // STEPS_OF_ONE
    assert dry_run(system, {"type": "flow.executed"}) == (300, False)
