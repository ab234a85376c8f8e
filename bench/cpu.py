"""CPU of each function's work, in a process of its own with AWS stubbed at the HTTP layer.

Each is given as milliseconds and as a ratio to a bare ``requests`` POST of the same body to the
same endpoint, measured in the same process: milliseconds differ between machines, ratios little.
On Linux only, as is what it measures.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched, cycle
from os import urandom
from pathlib import Path

import requests

from bench import workload
from bench.recorded import BATCH, Recording
from hookline_api.settings import ApiSettings
from hookline_fanout.settings import FanoutSettings
from hookline_sender.settings import SenderSettings

_ROUNDS = 15
"""Floor and work take turns, and of each the best round counts: what else runs only ever adds."""

_ROUND_MS = 100
"""As long for the one as for the other: the best of many short rounds would flatter."""


def main() -> None:
    """Measures what the recording named on the command line holds; prints JSON."""
    recording: Recording = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own
    what, endpoint = sys.argv[2], sys.argv[3]
    recording.answers.replay()
    # A function has a part of one processor: on two, threads would pay for their hand-over too.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with redirect_stdout(io.StringIO()):
        work = {"sender": _sender, "fanout": _fanout, "api": _api}[what](recording)
        floor_ms, work_ms = best_cpu([_bare_post(endpoint), work])
    print(
        json.dumps(
            {
                "milliseconds": work_ms,
                "floor_milliseconds": floor_ms,
                "ratio": work_ms / floor_ms,
                "peak_mb": _peak_mb(),
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do, and how many units of it one turn does."""

    turn: Callable[[], object]
    units: int


def best_cpu(works: Sequence[Work]) -> Sequence[float]:
    """Milliseconds of CPU, all threads together, of one unit of each work."""
    for work in works:
        work.turn()
    turns = [max(1, round(_ROUND_MS / _spent_ms(work, 1))) for work in works]
    rounds = [
        [
            _spent_ms(work, times) / times / work.units
            for work, times in zip(works, turns, strict=True)
        ]
        for _ in range(_ROUNDS)
    ]
    return [min(of_one) for of_one in zip(*rounds, strict=True)]


def _spent_ms(work: Work, turns: int) -> float:
    began = time.process_time()
    for _ in range(turns):
        work.turn()
    return (time.process_time() - began) * 1000


def _bare_post(endpoint: str) -> Work:
    body = workload.published(workload.event()).encode()
    session = requests.Session()
    headers = {"Content-Type": "application/json"}

    def turn() -> None:
        session.post(f"{endpoint}/0/hooks", data=body, headers=headers, timeout=10)

    return Work(turn, 1)


def _sender(recording: Recording) -> Work:
    from hookline_sender.wiring import build_sender  # noqa: PLC0415 - only what is measured

    sender = build_sender(SenderSettings.from_env(recording.environment), _now, urandom)
    batches = cycle(batched(recording.messages, BATCH, strict=True))

    def turn() -> None:
        if sender(next(batches), lambda: timedelta(seconds=60)):
            raise RuntimeError("a delivery was not made")

    return Work(turn, BATCH)


def _fanout(recording: Recording) -> Work:
    from hookline_fanout.wiring import build_fanout  # noqa: PLC0415 - as above

    fanout = build_fanout(FanoutSettings.from_env(recording.environment), _now)

    def turn() -> None:
        if fanout.stream(recording.stream_records, "bench", lambda: True):
            raise RuntimeError("an event was not fanned out")

    return Work(turn, recording.deliveries)


def _api(recording: Recording) -> Work:
    from hookline_api.wiring import build_api  # noqa: PLC0415 - as above

    api = build_api(ApiSettings.from_env(recording.environment), _now, urandom)

    def turn() -> None:
        if api(recording.publish_request, None)["statusCode"] != 202:
            raise RuntimeError("an event was not accepted")

    return Work(turn, 1)


def _peak_mb() -> float:
    """Linux's high-water mark. getrusage's is the parent's where that was larger."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
