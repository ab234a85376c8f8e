"""What `make` hands to the tools that it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKE = shutil.which("make")
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(MAKE is None, reason="needs make")
@pytest.mark.parametrize("target", ["build", "deploy"])
def test_a_deploy_goes_to_the_region_of_the_profile(target: str) -> None:
    """AWS_DEFAULT_REGION, which the template's check needs, would win over it."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [str(MAKE), "-pn", target],
        cwd=ROOT,
        env=environment | {"AWS_PROFILE": "theirs"},
        capture_output=True,
        text=True,
        check=True,
    )
    exported = [line for line in done.stdout.splitlines() if "AWS_DEFAULT_REGION" in line]
    assert [line for line in exported if not line.startswith(("check:", "#"))] == []
