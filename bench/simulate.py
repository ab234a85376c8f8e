"""The long runs of the simulation: `python -m bench.simulate dead --deliveries 1000000`.

The test tier makes the same runs with small numbers. Each prints what it measured beside what is
allowed, and ends with 1 where that was exceeded.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from hookline.domain.delivery.delivery import Status
from hookline.services.delivery.retry_budget import IN_FLIGHT_CAP
from tests.simulation.chaos import Chaos
from tests.simulation.scale import SMALL, Dead, all_fail, dead_beside_healthy, healthy_only, purged
from tests.simulation.stories import STORIES
from tests.simulation.test_crashes import places, tell
from tests.simulation.test_faults import calls_of, faults_of, tell_with
from tests.simulation.world import DAY, HOUR


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure, and whether it is as it should be."""

    name: str
    value: object
    holds: bool


def dead(seed: int, deliveries: int) -> Iterator[Shown]:
    """A dead endpoint that comes back after an hour, beside 100 healthy ones."""
    yield from _dead(
        seed, Dead(deliveries, per_second=1_000, comes_back_after=HOUR), Status.SUCCESS
    )


def dead_for_good(seed: int, deliveries: int) -> Iterator[Shown]:
    """One that never does: all of its deliveries fail at ten days."""
    forever = Dead(deliveries, per_second=1_000, comes_back_after=1_000 * DAY)
    yield from _dead(seed, forever, Status.FAILED)


def _dead(seed: int, endpoint: Dead, end: Status) -> Iterator[Shown]:
    alone = healthy_only(seed)
    lasts = 12 * HOUR if end is Status.SUCCESS else 10 * DAY + 6 * HOUR
    shown = dead_beside_healthy(seed, endpoint, lasts)
    calls, most = shown.calls_in_first_hour, shown.most_in_flight
    yield Shown("in flight of the dead one, at most", most, most <= IN_FLIGHT_CAP // 100)
    yield Shown("calls to it in its first hour", calls, calls < 500)
    for name in ("mean", "p50", "p99", "longest"):
        ratio = getattr(shown.healthy, name) / getattr(alone, name)
        # The very longest is shown, not held: nobody knows an endpoint to be dead before its time.
        yield Shown(
            f"healthy {name} against alone", round(ratio, 3), ratio < 1.2 or name == "longest"
        )
    yield Shown("statuses at the end", dict(shown.end.statuses), not shown.end.open)
    yield Shown("of the dead one's", end, shown.end.statuses[end] >= endpoint.events)
    yield Shown("lost", len(shown.end.lost), not shown.end.lost)


def purge(seed: int, deliveries: int) -> Iterator[Shown]:
    """Both queues purged while so many deliveries are pending."""
    events = max(1, deliveries // 100)
    pending, end = purged(seed, webhooks=100, before=events, after=events)
    yield Shown("pending at the purge", pending, pending >= deliveries)
    yield Shown("delivered", end.statuses[Status.SUCCESS], set(end.statuses) == {Status.SUCCESS})


def failing(seed: int, deliveries: int) -> Iterator[Shown]:
    """A day with every endpoint failing, before a small stack: two deliveries for each of them."""
    most, end = all_fail(seed, webhooks=max(1, deliveries // 2), events=2, lasts=DAY)
    yield Shown("in flight, at most", most, most < SMALL.in_flight_cap // 5)
    yield Shown("lost", len(end.lost), not end.lost)


def chaos(seed: int, deliveries: int) -> Iterator[Shown]:
    """Everything at once."""
    run = Chaos(seed, deliveries).run()
    yield Shown("statuses", dict(run.end.statuses), not run.broken)
    yield Shown("faults", run.faults, holds=True)
    yield Shown("broken", run.broken[:5], not run.broken)


def pairs(seed: int, deliveries: int) -> Iterator[Shown]:  # noqa: ARG001 - all runs look alike
    """Two crashes, before every pair of steps of every story."""
    for name, story in STORIES.items():
        told = 0
        for first, second in combinations(places(story), 2):
            tell(story, first, second)
            told += 1
        yield Shown(f"{name}: pairs told", told, holds=True)


def faults(seed: int, deliveries: int) -> Iterator[Shown]:  # noqa: ARG001 - all runs look alike
    """Every fault of every call, in every story that makes it."""
    for name in STORIES:
        told = 0
        for call in sorted(calls_of(name)):
            for fault in faults_of(name, call):
                tell_with(name, call, fault)
                told += 1
        yield Shown(f"{name}: faults told", told, holds=True)


RUNS: dict[str, Callable[[int, int], Iterator[Shown]]] = {
    "dead": dead,
    "dead-for-good": dead_for_good,
    "purge": purge,
    "failing": failing,
    "chaos": chaos,
    "pairs": pairs,
    "faults": faults,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.simulate", description=__doc__)
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=100_000)
    given = parser.parse_args()
    logging.disable()  # of faults on purpose
    fine = True
    for shown in RUNS[given.run](given.seed, given.deliveries):
        print(f"{'ok    ' if shown.holds else 'BROKEN'} {shown.name}: {shown.value}", flush=True)
        fine = fine and shown.holds
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
