"""What others make of the API's document and its collection, run against the deployed stack."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.e2e.stack import ROOT, Stack

SCENARIOS = ROOT / "tests" / "clients"
NODE_TOOLS = ROOT / ".local" / "clients" / "node_modules"
PYTHON_TOOLS = ROOT / ".local" / "venvs" / "clients" / "bin"
COLLECTION = ROOT / "docs" / "hookline.postman_collection.json"
LONGEST_SECONDS = 600


@pytest.fixture(scope="module")
def document(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the deployed API answers it."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_bytes(requests.get(f"{stack.api}/v1/openapi.json", timeout=60).content)
    return path


def test_types_for_typescript_compile_and_their_client_works(
    stack: Stack, document: Path, tmp_path: Path
) -> None:
    for name in ("scenario.ts", "tsconfig.json"):
        shutil.copy(SCENARIOS / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(NODE_TOOLS)
    run([node("openapi-typescript"), str(document), "-o", "schema.d.ts"], stack, tmp_path)
    run([node("tsc"), "-p", "."], stack, tmp_path)
    assert run(["node", "out/scenario.js"], stack, tmp_path).strip() == "done"


def test_a_package_for_python_is_made_and_works(
    stack: Stack, document: Path, tmp_path: Path
) -> None:
    make = [str(PYTHON_TOOLS / "openapi-python-client"), "generate", "--path", str(document)]
    run([*make, "--meta", "none", "--output-path", "hookline_client"], stack, tmp_path)
    shutil.copy(SCENARIOS / "scenario.py", tmp_path)
    assert run([str(PYTHON_TOOLS / "python"), "scenario.py"], stack, tmp_path).strip() == "done"


def test_the_postman_collection_runs_from_its_first_request_to_its_last(
    stack: Stack, tmp_path: Path
) -> None:
    given = {"api": stack.api, "key": stack.root_key, "endpoint": endpoint(stack)}
    values = [part for name, value in given.items() for part in ("--env-var", f"{name}={value}")]
    run([node("newman"), "run", str(COLLECTION), "--color", "off", *values], stack, tmp_path)


def endpoint(stack: Stack) -> str:
    """A path of the receiver that nobody else calls."""
    return f"{stack.receiver}/clients-{uuid4().hex}"


def node(tool: str) -> str:
    return str(NODE_TOOLS / ".bin" / tool)


def run(command: Sequence[str], stack: Stack, folder: Path) -> str:
    """What it printed; a test fails by what it printed, too."""
    own = {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{PYTHON_TOOLS}:{os.environ['PATH']}",
        "HOOKLINE_API": stack.api,
        "HOOKLINE_KEY": stack.root_key,
        "HOOKLINE_ENDPOINT": endpoint(stack),
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=dict(os.environ) | own,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
