"""What decides about deliveries, changed in one place at a time: does a test fail each time?

`make mutants` has `tools.mutations` make the changes and tries each in a process of its own, on the
module's own tests first and then on those of its neighbours. It prints what no test noticed, and
ends with 1 where that is more than three in a hundred. It takes some twenty minutes: not for CI.
"""

from __future__ import annotations

import difflib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

import pytest

CORE = Path("layers/core/hookline")
NEIGHBOURS = (
    *("lifecycle_deciding", "lifecycle_settling", "circuit", "deliver", "deliver_circuits"),
    *("deliver_faults", "deliver_races", "deliver_retries", "deliver_slow", "next_attempt"),
    *("deliver_webhook_changes", "deliver_webhook_deletion", "carried_attempts", "redeliver"),
    *("release_waiting", "end_waiting", "webhook_round", "recover", "delivery_waiting_for"),
    *("rounds", "send_sample", "fan_out_mending"),
)
OWN: Mapping[str, Sequence[str]] = {
    "domain/delivery/deciding.py": ("lifecycle_deciding",),
    "domain/delivery/settling.py": ("lifecycle_settling",),
    "domain/delivery/changing.py": ("lifecycle_deciding", "lifecycle_settling"),
    "domain/webhook/circuit.py": ("circuit",),
    "services/delivery/deliver_one.py": ("deliver_races", "deliver_retries", "deliver_faults"),
    "services/delivery/record_attempt.py": ("deliver_races", "deliver_retries", "deliver_faults"),
}
SHARE_KILLED = 0.97
_LONGEST_SECONDS = 240
"""A change that has its tests run for ever is noticed, too."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module changed in one place."""

    path: str
    line: int
    source: str

    @property
    def difference(self) -> str:
        """The lines that differ."""
        before = Path(self.path).read_text().splitlines()
        lines = list(difflib.unified_diff(before, self.source.splitlines(), n=0, lineterm=""))
        changed = "\n".join(f"    {line}" for line in lines[2:] if not line.startswith("@@"))
        return f"{self.path}:{self.line}\n{changed}"


class Changed(MetaPathFinder, Loader):
    """Imports one module from another source than its file's."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name = name
        self._code = code

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> ModuleSpec | None:
        """That module's alone."""
        return spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Runs the changed source."""
        exec(self._code, vars(module))  # noqa: S102 - what is tried out


def main() -> int:
    """Tries all mutants of a file that `tools.mutations` wrote, or those of the modules named."""
    path, *wanted = sys.argv[1:]
    mutants = [
        Mutant(module, line, source)
        for module, found in json.loads(Path(path).read_text()).items()
        for line, source in found
        if not wanted or Path(module).stem in wanted
    ]
    alive = list(survivors(mutants))
    for each in sorted(alive, key=lambda mutant: (mutant.path, mutant.line)):
        _say(each.difference)
    totals, left = Counter(each.path for each in mutants), Counter(each.path for each in alive)
    for module, total in totals.items():
        _say(f"{Path(module).name:20} {total:4} mutants, {left[module]:3} alive")
    share = 1 - len(alive) / len(mutants)
    _say(f"{share:.1%} of {len(mutants)} mutants killed")
    return 0 if share >= SHARE_KILLED else 1


def survivors(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """Those that no test notices, tried side by side."""
    running: dict[int, Mutant] = {}
    waiting = list(mutants)[::-1]
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            running[_start(waiting[-1])] = waiting.pop()
        process, status = os.wait()
        mutant = running.pop(process)
        if status == 0:
            yield mutant


def _start(mutant: Mutant) -> int:
    process = os.fork()
    if process == 0:
        noticed = 1
        with suppress(BaseException):  # whatever it raises, somebody noticed
            noticed = _try(mutant)
        os._exit(noticed)
    return process


def _try(mutant: Mutant) -> int:
    """0 where all tests pass."""
    signal.alarm(_LONGEST_SECONDS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.dont_write_bytecode = True
    module = Path(mutant.path).relative_to(CORE.parent).with_suffix("")
    code = compile(mutant.source, mutant.path, "exec")
    sys.meta_path.insert(0, Changed(".".join(module.parts), code))
    own = OWN[str(Path(mutant.path).relative_to(CORE))]
    for names in (own, [name for name in NEIGHBOURS if name not in own]):
        tests = [f"tests/unit/test_{name}.py" for name in names]
        quietly = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
        if pytest.main([*quietly, *tests]) != 0:
            return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
