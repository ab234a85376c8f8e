"""The documents' own shell blocks, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".local" / "venvs"
PATIENCE_SECONDS = 400


def blocks(page: str) -> list[str]:
    """The `sh` blocks of a page, in its order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


@dataclass(frozen=True, slots=True)
class Printed:
    """What a script said."""

    out: str
    err: str


def sh(script: str, stack: Stack, folder: Path, **more: str) -> Printed:
    """Runs a script in a folder, with the AWS CLI and uv on its path and the emulator as AWS.

    Raises AssertionError, with all that it said, where it ends otherwise than with 0.
    """
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        check=False,
        cwd=folder,
        env=_environment(stack, folder) | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return Printed(done.stdout, done.stderr)


def _environment(stack: Stack, folder: Path) -> dict[str, str]:
    """A user's: a profile with credentials in files, and no Hookline of this process."""
    (folder / "aws-config").write_text("[default]\n")
    (folder / "aws-credentials").write_text(
        "[default]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    (folder / "bin").mkdir(exist_ok=True)
    aws = folder / "bin" / "aws"
    # As the runbook says: version 1 overlooks AWS_ENDPOINT_URL for SQS.
    aws.write_text(f'#!/bin/sh\nexec {TOOLS}/aws/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
    aws.chmod(0o755)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "HOOKLINE_"))
    }
    tools = [str(folder / "bin"), str(TOOLS / "uv" / "bin")]
    return kept | {
        "PATH": os.pathsep.join([*tools, kept["PATH"]]),
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "AWS_ENDPOINT_URL": stack.aws_endpoint,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "UV_TOOL_DIR": str(folder / "tools"),
        "UV_TOOL_BIN_DIR": str(folder / "bin"),
        "HOOKLINE_CONFIG_DIR": str(folder / "config"),
    }
