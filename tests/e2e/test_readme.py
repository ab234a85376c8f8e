"""Every shell block of the README is run: on the local stack, what is for AWS on its emulator."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from tests.e2e.pages import ROOT, blocks, sh
from tests.e2e.stack import Stack

BLOCKS = blocks("README.md")
MARKS = {
    "local": "stack.json",
    "aws": "describe-stacks",
    "create": "call() {",
    "fail": "until DELIVERY",
    "mend": '"respond": null',
    "recover": "/secret/rotate",
    "tool": "uv tool install",
    "verify": "openssl dgst",
    "deploy": "make deploy",
}


def the(mark: str) -> str:
    (found,) = (each for each in BLOCKS if MARKS[mark] in each)
    return found


def test_each_block_is_one_of_those_below() -> None:
    assert [the(mark) for mark in MARKS] == BLOCKS


def test_the_first_five_minutes_run_as_printed(stack: Stack, tmp_path: Path) -> None:
    """But for the port, and the tenant's name: others are in this stack."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(asdict(stack), indent=2))
    (tmp_path / "cli").symlink_to(ROOT / "cli")
    tenant = f"t{uuid4().hex[:12]}"
    told = "\n".join(the(mark) for mark in ("local", "create", "fail", "mend", "recover", "tool"))
    script = told.replace("http://127.0.0.1:8080", stack.api).replace("acme", tenant)
    said = sh(f'{script}\necho "HOOK=$HOOK RECEIVER=$RECEIVER"', stack, tmp_path)
    assert "urn:hookline:problem" not in said.out
    assert "HOOK=wh_" in said.out
    # It failed first, for the reason that its log shows, and then arrived, its signature verified.
    assert '"status":503' in said.out
    assert '"status":"success"' in said.out
    assert '"provider_name":"my receiver"' in said.out
    assert '"matched":' in said.out
    assert "Nothing to do: all is as the file says." in said.out
    # No key is among the arguments of the tool's own processes, and none in what it wrote.
    assert stack.root_key not in (tmp_path / "hooks.yaml").read_text()


def test_the_address_and_the_key_of_a_stack_on_aws_are_found_by_its_outputs(
    stack: Stack, tmp_path: Path
) -> None:
    lines = the("aws").replace("STAGE=dev", "STAGE=local")
    said = sh(f'{lines}\necho "$API"; echo "$KEY"', stack, tmp_path)
    api, key = said.out.splitlines()
    assert api.startswith("https://")
    assert ".execute-api." in api
    assert key == stack.root_key


def test_the_lines_that_deploy_are_targets_with_a_configuration() -> None:
    make = shutil.which("make")
    assert make is not None
    ends = {"deploy": "sam deploy --config-env dev", "guided": "-m tools.guided prod"}
    for line in the("deploy").splitlines():
        command = line.partition("#")[0].split()
        shown = subprocess.run(
            [make, "-n", *command[1:]], cwd=ROOT, check=True, capture_output=True, text=True
        )
        assert ends[command[1]] in shown.stdout
    assert "[dev.deploy.parameters]" in (ROOT / "samconfig.toml").read_text()
