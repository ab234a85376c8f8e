"""What the person at the terminal sees: a line per step, the log's end when a step fails."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from local.options import ROOT, LocalError

TAIL_LINES = 25
STOP_SECONDS = 3
"""Of grace before a kill, and after it: a machine that is overrun is to have its Ctrl-C as well."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    print(f"==> {title}", flush=True)
    started = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - started:.1f} s", flush=True)


def run(command: Sequence[str | Path], env: Mapping[str, str], log: Path, hint: str) -> None:
    """Runs a program in the project's folder; what it prints goes to `log`.

    Where it is interrupted, all that the program has started ends with it.

    Raises:
        LocalError: it ended with an error; the end of its log is part of what is said.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches only us: we end it as a whole.
            start_new_session=True,
        )
        try:
            ended_with = process.wait()
        except BaseException:
            end_session(process)
            raise
    if ended_with != 0:
        raise LocalError(
            f"`{' '.join(map(str, command[:2]))}` ended with {ended_with}\n{tail(log)}",
            f"{hint} All of it is in {log}.",
        )


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Ends a program that has a session of its own, and all that is of that session."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    # Whatever did not end by itself.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"    | {line}" for line in lines)
