"""What healthy tenants feel of a loud one: `python -m bench.isolation --size 1.0`.

Each line tells their p50, p99 and longest time to a first attempt, and the ratio of the p99 to
that of a run without anybody loud; it ends with 1 where that is over 1.2 or a first attempt came
later than a minute. At size 1: 900 costly filters over 227 KiB, a million waiting deliveries, one
event to a million webhooks, a tenant of 100,000 webhooks. The tests make the same runs small.
"""

from __future__ import annotations

import argparse
import logging
import time

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

MOST = 1.2


def runs(size: float) -> dict[str, Loud]:
    """The loud tenants, at a share of their whole size."""

    def of(whole: int) -> int:
        return max(1, int(whole * size))

    return {
        "a heavy filters": heavy_filters(of(900), of(7_000), per_second=0.2),
        "b throttled": throttled_reads(per_second=1),
        "d waiting": waiting(of(1_000_000)),
        "e one to many": one_event_to_many(of(1_000_000)),
        "f many webhooks": many_webhooks(of(100_000), per_second=1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.isolation", description=__doc__)
    parser.add_argument("--size", type=float, default=0.01)
    parser.add_argument("--only", default="", help="the letters of runs, all where none is given")
    given = parser.parse_args()
    logging.disable()
    alone = felt(quiet)
    print(_line("quiet", alone, alone, 0.0), flush=True)
    fine = True
    for name, loud in runs(given.size).items():
        if given.only and name[0] not in given.only:
            continue
        began = time.perf_counter()
        shown = felt(loud)
        print(_line(name, shown, alone, time.perf_counter() - began), flush=True)
        within = shown.healthy.p99 <= MOST * alone.healthy.p99
        fine = fine and within and shown.healthy.longest < MINUTE
    return 0 if fine else 1


def _line(name: str, shown: Felt, alone: Felt, took: float) -> str:
    waits = shown.healthy
    p50, p99, longest = (
        each.total_seconds() * 1000 for each in (waits.p50, waits.p99, waits.longest)
    )
    ratio = waits.p99 / alone.healthy.p99
    return (
        f"{name:18} p50 {p50:7.0f} ms  p99 {p99:7.0f} ms  longest {longest:8.0f} ms"
        f"  p99 ratio {ratio:5.2f}  loud done {shown.loud_done}, left {shown.loud_left}"
        f"  ({took:.0f} s)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
