"""The local stack as the end-to-end tests see it: four addresses, from `make run`'s own start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".local" / "venvs" / "local" / "bin" / "python"
START_SECONDS = 1_200
"""Enough for a first build on two slow cores that others use as well."""
STOP_SECONDS = 120
OWN_ADDRESS = ("ApiFunctionUrl=true", "ApiReservedConcurrency=50")
"""Parameters by which the api function answers past the gateway too."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the deployed system answers."""

    api: str
    receiver: str
    root_key: str
    aws_endpoint: str

    @classmethod
    def read(cls, path: Path) -> Stack:
        """The stack that this stack.json speaks of."""
        return cls(**json.loads(path.read_text()))


@contextmanager
def started(directory: Path, parameters: str = "") -> Iterator[Stack]:
    """A stack of its own on free ports, gone at the end.

    Args:
        directory: holds its stack.json, logs and data.
        parameters: template parameters, `Name=value` separated by blanks.

    Raises:
        RuntimeError: it did not start; what it printed is the message.
    """
    port, receiver_port, aws_port = _free_ports(3)
    env = dict(os.environ) | {
        "HOOKLINE_PORT": str(port),
        "HOOKLINE_RECEIVER_PORT": str(receiver_port),
        "HOOKLINE_AWS_PORT": str(aws_port),
        "HOOKLINE_LOCAL_DIR": str(directory),
        "HOOKLINE_PARAMETERS": parameters,
        "HOOKLINE_DEMO": "false",
    }
    printed = directory / "run.log"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, "-m", "local.run"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(directory / "stack.json", process, printed)
        yield Stack.read(directory / "stack.json")
    finally:
        # Not SIGINT: whoever runs the tests in a shell's background has that one ignored.
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait_for(path: Path, process: subprocess.Popen[bytes], printed: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the local stack did not start:\n{printed.read_text()}")
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
