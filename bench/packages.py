"""What each function ships and how long its imports take, with what bytecode `sam build` makes."""

from __future__ import annotations

import compileall
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FUNCTIONS = ("api", "fanout", "sender", "scheduler", "inbound", "inbound_worker", "console")
_RUNS = 9

COLD_START = """
import sys
from dataclasses import fields
from datetime import UTC, datetime
from hookline_{name} import settings as told, wiring

class Offline:
    def __getattr__(self, name):
        answer = {{"SecretString": "0" * 64}} if name == "get_secret_value" else Offline()
        return lambda *_, **__: answer

if "hookline.adapters.stack" in sys.modules:
    from hookline.adapters.aws import clients
    clients.Clients = Offline
kind = getattr(told, "{name}".title().replace("_", "") + "Settings")
sample = {{"str": "INFO", "bool": False, "int": 1}}
given = {{f.name: sample.get(f.type, () if "tuple" in f.type else None) for f in fields(kind)}}
build = wiring.build_{name}
build(*(kind(**given), lambda: datetime.now(UTC))[: build.__code__.co_argcount])
"""
"""A function put together as at a cold start, but for its clients: each adapter is imported as it
is built. Formatted with the function's ``name``."""

_TIMED = f"""
import time
began = time.perf_counter(), time.process_time()
{COLD_START}
print(time.perf_counter() - began[0], time.process_time() - began[1])
"""


def zip_bytes(folder: Path) -> int:
    """The size of the folder's package as it is shipped, zipped."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(copy, quiet=1, stripdir=temporary, prependdir="/var/task")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(copy.rglob("*")):
                archive.write(path, path.relative_to(temporary))
        return packed.tell()


def sizes() -> Mapping[str, int]:
    """Bytes of each function's own zip, and of the core layer's."""
    own = {name: zip_bytes(_package(name)) for name in FUNCTIONS}
    return {**own, "core layer": zip_bytes(ROOT / "layers" / "core" / "hookline")}


def import_milliseconds() -> Mapping[str, tuple[float, float]]:
    """For each function the best of some runs: by the clock, and of CPU."""
    with tempfile.TemporaryDirectory() as bytecode:
        return {name: _imported(name, bytecode) for name in FUNCTIONS}


def _imported(name: str, bytecode: str) -> tuple[float, float]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env["PYTHONPATH"] = f"{ROOT / 'layers' / 'core'}:{ROOT / 'functions' / name}"
    env["PYTHONPYCACHEPREFIX"] = bytecode
    runs = []
    for _ in range(_RUNS + 1):  # the first one compiles
        command = [sys.executable, "-c", _TIMED.format(name=name)]
        done = subprocess.run(command, env=env, capture_output=True, check=True, text=True)
        clock, cpu = map(float, done.stdout.split())
        runs.append((clock * 1000, cpu * 1000))
    return min(clock for clock, _ in runs[1:]), min(cpu for _, cpu in runs[1:])


def _package(name: str) -> Path:
    return ROOT / "functions" / name / f"hookline_{name}"
