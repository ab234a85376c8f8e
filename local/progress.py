"""What the person at the terminal sees: a line per step, the log's end when a step fails."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.options import ROOT, LocalError

TAIL_LINES = 25


@contextmanager
def step(title: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    print(f"==> {title}", flush=True)
    started = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - started:.1f} s", flush=True)


def run(command: Sequence[str | Path], env: Mapping[str, str], log: Path, hint: str) -> None:
    """Runs a program in the project's folder; what it prints goes to `log`.

    Raises:
        LocalError: it ended with an error; the end of its log is part of what is said.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise LocalError(
            f"`{' '.join(map(str, command[:2]))}` ended with {done.returncode}\n{tail(log)}",
            f"{hint} All of it is in {log}.",
        )


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"    | {line}" for line in lines)
