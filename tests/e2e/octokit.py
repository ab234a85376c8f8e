"""GitHub's own signing code for JavaScript, as npm has it: a signature that we did not make."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache

from tests.e2e.stack import ROOT

PACKAGE = "@octokit/webhooks-methods"
VERSION = "6.0.0"
"""Pinned here; it depends on nothing."""

_FOLDER = ROOT / ".local" / "octokit"
_SIGN = f"""
import {{ readFileSync }} from "node:fs";
import {{ sign }} from "{PACKAGE}";
process.stdout.write(await sign(process.env.SECRET, readFileSync(0, "utf8")));
"""

_NEEDED = tuple(name for name in ("node", "npm") if shutil.which(name) is None)
MISSING = f"{' and '.join(_NEEDED)} not on this machine: {PACKAGE} needs it" if _NEEDED else None
"""Why it cannot be used here; None where it can."""


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for a body."""
    _install()
    # What a program without a file imports is looked for from the folder it runs in.
    return _run(["node", "--input-type=module", "--eval", _SIGN], body, SECRET=secret)


@cache
def _install() -> None:
    """Puts the pinned version where only this repository sees it; once there, it is reused."""
    manifest = _FOLDER / "node_modules" / PACKAGE / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == VERSION:
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(_FOLDER), "--no-save", "--no-package-lock"]
    command += ["--ignore-scripts", "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
    _run(command)


def _run(command: list[str], given: bytes = b"", **environment: str) -> str:
    done = subprocess.run(
        command,
        check=False,  # what it says is the better message
        cwd=_FOLDER,
        env=dict(os.environ) | environment,
        input=given,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
