"""What healthy tenants feel of a loud one: `python -m bench.isolation --size 1.0`.

Each line tells their p50, p99 and longest time to a first attempt, and the ratio of the p99 to
that of a run without anybody loud; it ends with 1 where that is over 1.2 or a first attempt came
later than a minute, or two seconds beside silent endpoints. At size 1: 900 costly filters over 227
KiB, 3,000 slow endpoints, a million waiting deliveries, one event to a million webhooks, a tenant
of 100,000 webhooks, half of all endpoints silent. The tests make the same runs small.

Of slow and silent endpoints the first twenty seconds count, from a cold start on, and as many
healthy ones in their place are what is compared with.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Mapping
from datetime import timedelta

from tests.simulation.isolation import (
    Loud,
    felt,
    heavy_filters,
    many_webhooks,
    one_event_to_many,
    quiet,
    throttled_reads,
    waiting,
)
from tests.simulation.scale import Waits
from tests.simulation.slow_neighbours import (
    HEALTHY,
    NEVER_ANSWERS,
    TAKES_NINE_SECONDS,
    Crowd,
    beside,
)
from tests.simulation.world import MINUTE, SECOND

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


def crowds(size: float) -> dict[str, tuple[Crowd, Crowd, float]]:
    """Slow and silent endpoints, the healthy ones in their place, and events a second of both."""
    slow, silent = max(1, int(3_000 * size)), 10
    busy = max(20.0, 1_000 * size)
    return {
        "c slow": (Crowd(slow, TAKES_NINE_SECONDS), Crowd(slow, HEALTHY), busy),
        "g silent, 5/s": (Crowd(silent, NEVER_ANSWERS), Crowd(silent, HEALTHY), 5.0),
        f"g silent, {busy:.0f}/s": (Crowd(silent, NEVER_ANSWERS), Crowd(silent, HEALTHY), busy),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.isolation", description=__doc__)
    parser.add_argument("--size", type=float, default=0.01)
    parser.add_argument("--only", default="", help="the letters of runs, all where none is given")
    given = parser.parse_args()
    logging.disable()
    wanted = given.only or "abcdefg"
    loud = {name: each for name, each in runs(given.size).items() if name[0] in wanted}
    fine = not loud or _tenants(loud)
    for name, (crowd, instead, per_second) in crowds(given.size).items():
        if name[0] in wanted:
            began = time.perf_counter()
            alone = beside(instead, per_second=per_second, lasts=20 * SECOND)
            shown = beside(crowd, per_second=per_second, lasts=20 * SECOND)
            print(_line(name, shown, alone, time.perf_counter() - began), flush=True)
            latest = 2 * SECOND if name[0] == "g" else MINUTE
            fine = fine and _holds(shown, alone, latest)
    return 0 if fine else 1


def _tenants(loud: Mapping[str, Loud]) -> bool:
    alone = felt(quiet).healthy
    print(_line("quiet", alone, alone, 0.0), flush=True)
    fine = True
    for name, each in loud.items():
        began = time.perf_counter()
        shown = felt(each)
        line = _line(name, shown.healthy, alone, time.perf_counter() - began)
        print(f"{line}  loud done {shown.loud_done}, left {shown.loud_left}", flush=True)
        fine = fine and _holds(shown.healthy, alone, MINUTE)
    return fine


def _holds(shown: Waits, alone: Waits, latest: timedelta) -> bool:
    return shown.p99 <= MOST * alone.p99 and shown.longest < latest


def _line(name: str, shown: Waits, alone: Waits, took: float) -> str:
    p50, p99, longest = (
        each.total_seconds() * 1000 for each in (shown.p50, shown.p99, shown.longest)
    )
    ratio = shown.p99 / alone.p99
    return (
        f"{name:18} p50 {p50:7.0f} ms  p99 {p99:7.0f} ms  longest {longest:8.0f} ms"
        f"  p99 ratio {ratio:5.2f}  ({took:.0f} s)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
