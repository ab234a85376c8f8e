"""Runs of the local stack side by side: none takes another's files."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from local.options import LocalError, Options
from local.progress import run
from local.run import claimed


def options(directory: Path, port: int) -> Options:
    return Options.from_env({"HOOKLINE_LOCAL_DIR": str(directory), "HOOKLINE_PORT": str(port)})


def test_a_second_run_from_one_checkout_has_files_of_its_own(tmp_path: Path) -> None:
    with claimed(options(tmp_path, 8080)) as first, claimed(options(tmp_path, 9090)) as second:
        assert first.directory == tmp_path
        assert second.directory == tmp_path / "port-9090"
        assert first.logs != second.logs
    with claimed(options(tmp_path, 9090)) as later:
        assert later.directory == tmp_path


def ends(process: int) -> bool:
    """Whether it is gone, or goes within what Ctrl-C may take."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([descriptor], [], [], 10)
    finally:
        os.close(descriptor)
    return bool(ended)


@contextmanager
def interrupted_once(begun: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C as soon as it has begun and is waited for."""

    def look(_: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_name == "_try_wait" and begun():
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_build_that_is_interrupted_ends_with_all_that_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = f"sleep 1000 & echo $! > {started}.new; mv {started}.new {started}; wait"
    with interrupted_once(started.exists), pytest.raises(KeyboardInterrupt):
        run(["sh", "-c", program], os.environ, tmp_path / "log", "")
    assert ends(int(started.read_text()))


def test_a_program_that_fails_is_told_with_the_end_of_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"(?s)ended with 3.*no such layer"):
        run(["sh", "-c", "echo no such layer; exit 3"], os.environ, tmp_path / "log", "")
