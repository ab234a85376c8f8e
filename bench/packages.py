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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import botocore

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

BOTOCORE = "import botocore.session, botocore.endpoint, botocore.parsers"
"""What every function's clients need of it before they are made: the floor of the others."""

CLIENTS = """
clients = Clients()
clients.dynamodb()
clients.sqs()
"""
"""The clients of tables and queues, which every function but the console's makes as it starts."""

_TIMED = """
import time
{before}
began = time.perf_counter(), time.process_time()
{script}
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


type Times = tuple[float, float]
"""The best of some runs: by the clock, and of CPU."""


def import_milliseconds() -> Mapping[str, Times]:
    """For each function, and for botocore alone."""
    starts = {
        name: _Start(COLD_START.format(name=name), [_package(name).parent]) for name in FUNCTIONS
    }
    return _best(starts | {"botocore": _Start(BOTOCORE)})


def client_milliseconds() -> Times:
    """The same of making clients, with botocore's data as it ships, once all is imported."""
    with tempfile.TemporaryDirectory() as layer:
        for name in ("botocore", "boto3"):
            shutil.copytree(Path(botocore.__file__).parents[1] / name, Path(layer) / name)
        trim = ROOT / "layers" / "dependencies" / "trim.py"
        subprocess.run([sys.executable, trim, layer], stdout=subprocess.DEVNULL, check=True)
        before = "from hookline.adapters.aws.clients import Clients"
        return _best({"clients": _Start(CLIENTS, [Path(layer)], before)})["clients"]


@dataclass(frozen=True, slots=True)
class _Start:
    """What a process of its own does, and what it does before that is timed."""

    script: str
    path: Sequence[Path] = ()
    before: str = ""

    def run(self, bytecode: str) -> Times:
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        env["PYTHONPATH"] = ":".join(map(str, (*self.path, ROOT / "layers" / "core")))
        env["PYTHONPYCACHEPREFIX"] = bytecode
        env["AWS_DEFAULT_REGION"] = "eu-west-1"
        code = _TIMED.format(script=self.script, before=self.before)
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=env, capture_output=True, check=True, text=True)
        clock, cpu = map(float, done.stdout.split())
        return clock * 1000, cpu * 1000


def _best(starts: Mapping[str, _Start]) -> Mapping[str, Times]:
    """In turns, so that what else runs on the machine slows all of them."""
    with tempfile.TemporaryDirectory() as bytecode:
        for start in starts.values():
            start.run(bytecode)  # compiles
        rounds = [
            {name: start.run(bytecode) for name, start in starts.items()} for _ in range(_RUNS)
        ]
    return {
        name: (min(each[name][0] for each in rounds), min(each[name][1] for each in rounds))
        for name in starts
    }


def _package(name: str) -> Path:
    return ROOT / "functions" / name / f"hookline_{name}"
