"""At the end of a whole run: no role may allow what no test of the run had its function ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.permissions import USED, never_used


def pytest_sessionfinish(session: pytest.Session) -> None:
    config: Any = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["permissions"] = {name: sorted(asked) for name, asked in USED.items()}
        return
    if not _is_whole(config) or session.testsfailed:
        return
    for function, (action, resource) in never_used(USED):
        session.config.get_terminal_writer().line(
            f"{function} never asked for {action} on {resource}, which its role allows"
        )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """A process of pytest-xdist is done, and tells what it saw."""
    for function, asked in getattr(node, "workeroutput", {}).get("permissions", {}).items():
        USED.setdefault(function, set()).update(map(tuple, asked))


def _is_whole(config: pytest.Config) -> bool:
    chosen = ("keyword", "markexpr", "deselect", "lf")
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not any(
        config.getoption(name, None) for name in chosen
    )
