"""Runs of the local stack side by side: none takes another's files."""

from __future__ import annotations

from pathlib import Path

from local.options import Options
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
