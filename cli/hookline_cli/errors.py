"""What ends a command before its work is done. The exit codes are documented in docs/cli.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """How the process ends. 2 is click's own, for a command line that it cannot read."""

    DONE = 0
    NO = 1
    USAGE = 2
    DRIFT = 3
    ACCESS = 4
    REFUSED = 5
    UNAVAILABLE = 6
    INTERRUPTED = 130


class CliError(Exception):
    """Said in one line on stderr: a word for programs, then words for people."""

    exit_code = Exit.NO

    def __init__(self, code: str, detail: str, exit_code: Exit | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        if exit_code is not None:
            self.exit_code = exit_code

    def document(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {"code": self.code, "detail": self.detail}


class UsageError(CliError):
    """What was asked for cannot be meant."""

    exit_code = Exit.USAGE

    def __init__(self, detail: str) -> None:
        super().__init__("usage", detail)


class UnreachableError(CliError):
    """No answer from the API, or none that it makes itself, after several tries."""

    exit_code = Exit.UNAVAILABLE


class RefusedError(CliError):
    """The API's own refusal: its problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        super().__init__(str(problem.get("code", f"http_{status}")), _words(status, problem))
        self.exit_code = _exit_code(status)

    def document(self) -> dict[str, Any]:
        """The problem as the API gave it."""
        return super().document() | self.problem


def _words(status: int, problem: Mapping[str, Any]) -> str:
    rules = [f"{each['field']}: {each['message']}" for each in problem.get("errors", ())]
    words = "; ".join(rules) or str(problem.get("detail") or f"the answer was {status}")
    request_id = problem.get("request_id")
    return f"{words} (request {request_id})" if request_id else words


def _exit_code(status: int) -> Exit:
    if status in {401, 403}:
        return Exit.ACCESS
    return Exit.UNAVAILABLE if status == 429 or status >= 500 else Exit.REFUSED
