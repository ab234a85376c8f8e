"""MiniStack, the AWS emulator: on loopback, with IAM enforced, stopped with all its children."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from local.options import REGION, ROOT, LocalError, Options
from local.progress import end_session, tail

START_SECONDS = 120


class Emulator:
    """One MiniStack process and the function workers it starts."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._log = options.logs / "emulator.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it with no memory of earlier runs, and waits until it answers.

        Raises:
            LocalError: its port is taken, or it ended or stayed silent.
        """
        options = self._options
        require_free(options.aws_port, "HOOKLINE_AWS_PORT", "the AWS emulator")
        data = options.directory / "emulator"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.ministack"],
                cwd=ROOT,
                env=_environment(options, data),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only us: we stop things in order.
                start_new_session=True,
            )
        self._wait()

    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends it and its workers; nothing of it is kept."""
        if self._process is None:
            return
        process, self._process = self._process, None
        end_session(process)  # the function workers with it

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.running():
                break
            if not free(self._options.aws_port):
                return
            time.sleep(0.1)
        self.stop()
        raise LocalError(
            f"the AWS emulator did not start\n{tail(self._log)}",
            f"The reason is in {self._log}. `make clean` and `make run` install it anew.",
        )


def _environment(options: Options, data: Path) -> dict[str, str]:
    """What the emulator and every function in it gets to see: nothing of the caller's own."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(data),
        "TMPDIR": str(data),
        "STATE_DIR": str(data / "state"),
        "S3_DATA_DIR": str(data / "s3"),
        "LANG": "C.UTF-8",
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(options.aws_port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "AWS_ENDPOINT_URL": options.aws_endpoint,
        "LAMBDA_EXECUTOR": "local",
    }


def free(port: int) -> bool:
    """Whether nothing listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def require_free(port: int, variable: str, who: str) -> None:
    """Refuses to start on a port that another program holds.

    Raises:
        LocalError: it is taken.
    """
    if not free(port):
        raise LocalError(
            f"port {port} of {who} is taken",
            f"Is another `make run` up? Stop it, or move this one: set {variable}={port + 100}",
        )
