"""What decides about deliveries, changed in one place at a time: does a test fail each time?

`make mutants` has `tools.mutations` make the changes and tries each in a process of its own, on the
module's own tests first and then on those of its neighbours. It prints what no test noticed, with
the reason where that is known, and ends with 1 where it is more than three in a hundred. It takes
half an hour of a processor: not for CI.
"""

from __future__ import annotations

import difflib
import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

CORE = Path("layers/core/hookline")
NEIGHBOURS = (
    *("lifecycle_changing", "lifecycle_deciding", "lifecycle_circuits", "lifecycle_settling"),
    "circuit",
    *("deliver", "deliver_told", "deliver_circuits"),
    *("deliver_faults", "deliver_races", "deliver_retries", "deliver_slow", "next_attempt"),
    *("deliver_webhook_changes", "deliver_webhook_deletion", "deliver_side_by_side", "redeliver"),
    *("carried_attempts", "recorded_attempts", "attempts_that_rode", "deliver_fences"),
    "deliver_slots",
    *("release_waiting", "end_waiting", "webhook_round", "recover", "delivery_waiting_for"),
    "send_sample",
)
OWN: Mapping[str, Sequence[str]] = {
    "domain/delivery/deciding.py": ("lifecycle_deciding", "lifecycle_circuits"),
    "domain/delivery/settling.py": ("lifecycle_settling",),
    "domain/delivery/changing.py": (
        *("lifecycle_changing", "lifecycle_deciding", "lifecycle_circuits", "lifecycle_settling"),
    ),
    "domain/webhook/health.py": ("circuit", "lifecycle_changing", "deliver_told"),
    "services/delivery/deliver_one.py": (
        "deliver_told",
        "deliver_fences",
        "deliver_slots",
        "deliver_races",
    ),
    "services/delivery/attempt.py": (
        "recorded_attempts",
        "attempts_that_rode",
        "deliver_retries",
        "carried_attempts",
    ),
}
WHY_ALIVE: Mapping[tuple[str, str], str] = {
    ("deciding", "due <= now"): "hidden for no time it comes at once, too",
    ("settling", "asked > own"): "of two that ask for the same wait either may be named",
    ("changing", "ticket=delivery.ticket + 1"): "any other number fences as well",
    ("deliver_one", "_TRIES = 8"): "how often is no promise",
    ("attempt", "_TRIES = 8"): "how often is no promise",
    ("attempt", "_LOOKED_AT = 50"): "how many is no promise",
    ("deliver_one", "_SLOT_KEPT"): "which moment is too late is no promise",
    ("deliver_one", "isinstance(decision, Ignore) else None"): "without a delivery it is one",
    ("deliver_one", "replace(make, delivery=claimed)"): "settling replaces all that a claim sets",
    ("deliver_one", "health=work.watch.health)"): "what is not held here the next sender holds",
    ("deliver_one", "make.webhook.tenant,"): "no two tenants have a webhook of one id",
    (
        "attempt",
        "(message.task, message.id, current)",
    ): "what rides is not known by its message's id",
}
"""Changes that make no difference anybody could want, by what stood in the line."""

SHARE_KILLED = 0.97
_LONGEST_SECONDS = 40
"""Of a processor: a change that has its tests run for ever is noticed, too."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module changed in one place."""

    path: str
    line: int
    source: str

    @property
    def module(self) -> str:
        """Its name, to import it by."""
        return ".".join(Path(self.path).relative_to(CORE.parent).with_suffix("").parts)

    @property
    def own(self) -> Sequence[str]:
        """The tests that are about this module."""
        return [f"test_{name}" for name in OWN[str(Path(self.path).relative_to(CORE))]]

    @property
    def why_alive(self) -> str | None:
        """Where no test is to notice it."""
        about = {text: why for (stem, text), why in WHY_ALIVE.items() if stem == self._stem}
        changed = [line for line in self.difference.splitlines() if line.startswith("    -")]
        return next((why for text, why in about.items() if text in "".join(changed)), None)

    @property
    def _stem(self) -> str:
        return Path(self.path).stem

    @property
    def difference(self) -> str:
        """The lines that differ."""
        before = Path(self.path).read_text().splitlines()
        lines = list(difflib.unified_diff(before, self.source.splitlines(), n=0, lineterm=""))
        changed = "\n".join(f"    {line}" for line in lines[2:] if not line.startswith("@@"))
        return f"{self.path}:{self.line}\n{changed}"


class Survivors:
    """A plugin of pytest's: collects tests once, and tries each mutant on them in a fork."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self.alive: list[Mutant] = []
        self._mutants = list(mutants)[::-1]
        self._running: dict[int, Mutant] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In the place of the tests themselves."""
        total = len(self._mutants)
        while self._mutants or self._running:
            while self._mutants and len(self._running) < (os.cpu_count() or 1):
                mutant = self._mutants.pop()
                self._running[_start(mutant, session)] = mutant
            process, status = os.wait()
            mutant = self._running.pop(process)
            if status == 0:
                self.alive.append(mutant)
                number = total - len(self._mutants)
                _say(f"{number} of {total}: {mutant.difference}\n    {mutant.why_alive or 'WHY?'}")
        return True


def _start(mutant: Mutant, session: pytest.Session) -> int:
    process = os.fork()
    if process == 0:
        noticed = 1
        with suppress(BaseException):  # whatever it raises, somebody noticed
            resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST_SECONDS, _LONGEST_SECONDS))
            session.config.pluginmanager.unregister(name="terminalreporter")
            put_in_place(mutant)
            noticed = _failed(session, mutant.own)
        os._exit(noticed)
    return process


def _failed(session: pytest.Session, own: Sequence[str]) -> int:
    """1 as soon as a test fails; those of the module come first."""
    items = sorted(session.items, key=lambda item: item.path.stem not in own)
    for item, then in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=then)
        if session.testsfailed:
            return 1
    return 0


def put_in_place(mutant: Mutant) -> None:
    """Gives the module's functions the mutant's code, and all who imported them its constants."""
    module = sys.modules[mutant.module]
    changed: dict[str, Any] = {"__name__": mutant.module}
    exec(compile(mutant.source, mutant.path, "exec"), changed)  # noqa: S102 - what is tried out
    for name, new in changed.items():
        old = vars(module).get(name)
        if isinstance(new, type) and new.__module__ == mutant.module:
            for each, method in vars(new).items():
                _give_code(vars(old).get(each), method)
        elif not _give_code(old, new) and not name.startswith("__") and old != new:
            for other in list(sys.modules.values()):
                if getattr(other, name, None) is old:
                    setattr(other, name, new)


def _give_code(old: object, new: object) -> bool:
    if isinstance(old, property) and isinstance(new, property):
        old, new = old.fget, new.fget
    if isinstance(old, classmethod) and isinstance(new, classmethod):
        old, new = old.__func__, new.__func__
    if not (isinstance(old, FunctionType) and isinstance(new, FunctionType)):
        return False
    if old.__code__ != new.__code__:
        old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    return True


def main() -> int:
    """Tries all mutants of a file that `tools.mutations` wrote, or those of the modules named."""
    path, *wanted = sys.argv[1:]
    mutants = [
        Mutant(module, line, source)
        for module, found in json.loads(Path(path).read_text()).items()
        for line, source in found
        if not wanted or Path(module).stem in wanted
    ]
    alive = survivors(mutants)
    totals, left = Counter(each.path for each in mutants), Counter(each.path for each in alive)
    for module, total in totals.items():
        _say(f"{Path(module).name:20} {total:4} mutants, {left[module]:3} alive")
    share = 1 - len(alive) / len(mutants)
    open_questions = sum(each.why_alive is None for each in alive)
    _say(
        f"{share:.1%} of {len(mutants)} mutants killed, {open_questions} alive for no reason known"
    )
    return 0 if share >= SHARE_KILLED else 1


def survivors(mutants: Sequence[Mutant]) -> Sequence[Mutant]:
    """Those that no test notices, tried side by side."""
    tried = Survivors(mutants)
    tests = [f"tests/unit/test_{name}.py" for name in NEIGHBOURS]
    quietly = ["-s", "-q", "-p", "no:cacheprovider"]
    ended = pytest.main([*quietly, *tests], plugins=[tried])
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"the tests cannot be run: {ended}")
    return tried.alive


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
