"""Deliveries a second of one sender process, one batch of ten after the other, by endpoints' delay.

AWS is stubbed at the HTTP layer: what is left is the endpoints' time, ours, and how well the two
overlap. A stack runs as many such processes side by side as its concurrency allows.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from os import urandom
from pathlib import Path

from bench.recorded import BATCH, Recording
from hookline_sender.settings import SenderSettings

_SECONDS = 3.0


def main() -> None:
    """Arguments: the recording's path and the delay in milliseconds. Prints JSON."""
    recording: Recording = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own
    delay = sys.argv[2].encode()
    answers = recording.answers
    answers.of = {
        call: content.replace(b"/0/hooks", b"/" + delay + b"/hooks")
        for call, content in answers.of.items()
    }
    answers.replay()
    with redirect_stdout(io.StringIO()):
        rate = _rate(recording)
    print(json.dumps({"per_second": rate}))


def _rate(recording: Recording) -> float:
    from hookline_sender.wiring import build_sender  # noqa: PLC0415 - once AWS is stubbed

    settings = SenderSettings.from_env(recording.environment)
    sender = build_sender(settings, lambda: datetime.now(UTC), urandom)
    batches = [
        recording.messages[start : start + BATCH]
        for start in range(0, len(recording.messages), BATCH)
    ]
    sender(batches[0], lambda: timedelta(seconds=60))
    made = 0
    began = time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        for batch in batches:
            if sender(batch, lambda: timedelta(seconds=60)):
                raise RuntimeError("a delivery was not made")
            made += len(batch)
    return made / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
