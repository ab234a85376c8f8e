"""Replays a simulated run: the same seed and the same number of deliveries give the same one."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from tests.simulation.chaos import Chaos


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=100_000)
    given = parser.parse_args()
    logging.disable()  # of faults on purpose
    began = time.monotonic()
    run = Chaos(given.seed, given.deliveries).run()
    took = time.monotonic() - began
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(run.end.statuses.items()))
    hours = run.lasted.total_seconds() / 3600
    sys.stdout.write(
        f"seed {given.seed}: {sum(run.end.statuses.values())} deliveries: {statuses}\n"
        f"{run.calls} calls, {run.faults} faults, {len(run.end.twice)} deliveries called twice\n"
        f"{hours:.0f} simulated hours in {took:.0f} s, digest {run.digest}\n"
    )
    for broken in run.broken[:20]:
        sys.stdout.write(f"BROKEN: {broken}\n")
    return 1 if run.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
