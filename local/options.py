"""Where the local stack lives: ports, folder and parameters, set by environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-west-1"
PORT = 8080
STACK = "hookline-local"
"""CloudFormation's name for the stack; its Stage is `local`."""


class LocalError(Exception):
    """The local stack cannot go on: what failed, and what the reader can do about it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Options:
    """How this run of the stack was asked for."""

    port: int
    receiver_port: int
    aws_port: int
    directory: Path
    """Holds stack.json, the logs and the emulator's data of this run, and of no other one."""
    parameters: tuple[str, ...]
    """Template parameters besides those the local stack needs, as `Name=value`."""
    demo: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Options:
        """Reads HOOKLINE_PORT and its neighbours; what is not set has its usual value.

        Raises:
            LocalError: a port is not a number of 1..65535.
        """
        return cls(
            port=_port(environ, "HOOKLINE_PORT", PORT),
            receiver_port=_port(environ, "HOOKLINE_RECEIVER_PORT", 8081),
            aws_port=_port(environ, "HOOKLINE_AWS_PORT", 4566),
            directory=Path(environ.get("HOOKLINE_LOCAL_DIR", ROOT / ".local")).resolve(),
            parameters=tuple(environ.get("HOOKLINE_PARAMETERS", "").split()),
            demo=environ.get("HOOKLINE_DEMO", "true") != "false",
        )

    @property
    def api(self) -> str:
        """The API's base address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def receiver(self) -> str:
        """The receiver's base address."""
        return f"http://127.0.0.1:{self.receiver_port}"

    @property
    def aws_endpoint(self) -> str:
        """Where the emulator answers every AWS API."""
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def logs(self) -> Path:
        """Folder of what the build, the deploy and the emulator print."""
        return self.directory / "logs"

    def aws_env(self) -> dict[str, str]:
        """This process's environment, with AWS's tools and SDKs pointed at the emulator.

        The emulator takes the key `test` for its root user; real credentials never come near it.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "1",
        }


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise LocalError(f"{name} is {text!r}", f"Set {name} to a port, 1 to 65535.")
    return int(text)
