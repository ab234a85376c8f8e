"""What healthy endpoints of the deployed local stack feel of silent ones: `make neighbours`.

A tenant publishes to twenty endpoints for a minute; first all of them answer, then, of another
tenant's twenty, ten accept each call and never answer. Real sockets, real queues, the functions as
they are deployed: time from an event's acceptance to its first arrival at the healthy ones. It ends
with 1 where that came later than two seconds. It starts a stack of its own on free ports, on
loopback alone, and stops by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from hookline.domain.ids import instant_of
from tests.e2e.stack import Stack, started
from tests.e2e.tenant import Tenant

ENDPOINTS = 20
SILENT = "/stall/60"
"""Longer than a webhook's time-out: whoever calls it waits until that has passed."""
LATEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Felt:
    """Times from acceptance to a first arrival."""

    arrivals: int
    p50: timedelta
    p99: timedelta
    longest: timedelta


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.neighbours", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--per-second", type=float, default=2, help="events, each to all endpoints")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, started(Path(directory)) as stack:
        _start_all(stack)
        alone = felt(stack, 0, given.seconds, given.per_second)
        beside = felt(stack, ENDPOINTS // 2, given.seconds, given.per_second)
    sys.stdout.write("\n".join(_lines({"all answer": alone, "half never answer": beside})) + "\n")
    sys.stdout.write(f"p99, the second to the first: {beside.p99 / alone.p99:.2f}\n")
    return 0 if beside.longest < LATEST else 1


def felt(stack: Stack, silent: int, seconds: float, per_second: float) -> Felt:
    """What the first ten endpoints of a new tenant get, while ``silent`` others never answer."""
    tenant = Tenant(stack)
    healthy = [tenant.hook() for _ in range(ENDPOINTS // 2)]
    for number in range(ENDPOINTS // 2):
        tenant.hook(SILENT if number < silent else "")
    accepted: dict[str, datetime] = {}
    began = time.monotonic()
    for number in range(round(seconds * per_second)):
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        event_id = tenant.publish()
        accepted[event_id] = instant_of(event_id)
    waits = [
        (hook.arrives(event_id).at - at).total_seconds()
        for hook in healthy
        for event_id, at in accepted.items()
    ]
    tenant.close()
    cuts = quantiles(waits, n=100)
    return Felt(len(waits), *(timedelta(seconds=each) for each in (cuts[49], cuts[98], max(waits))))


def _start_all(stack: Stack) -> None:
    tenant = Tenant(stack)
    hook = tenant.hook()
    hook.arrives(tenant.publish())
    tenant.close()


def _lines(stages: Mapping[str, Felt]) -> Iterator[str]:
    for name, felt in stages.items():
        each = ", ".join(
            f"{what} {took / timedelta(milliseconds=1):,.0f} ms"
            for what, took in (("p50", felt.p50), ("p99", felt.p99), ("longest", felt.longest))
        )
        yield f"{name}: {felt.arrivals:,} first arrivals at healthy endpoints, {each}"


if __name__ == "__main__":
    raise SystemExit(main())
