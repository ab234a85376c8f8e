"""The tool at a terminal, over a whole stack: what it sleeps through, the stack works."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from hookline_cli.main import run
from hookline_cli.session import Session, World
from local.receiver import Receiver
from tests.worlds.client import ROOT_KEY
from tests.worlds.stack import Stack, a_stack
from tests.worlds.wsgi import as_wsgi

API = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of `--json`."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """A stream's answers, of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Terminal:
    """Runs command lines, each as a process of its own would."""

    stack: Stack
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    local: httpx.BaseTransport | None = None
    slept: int = 0
    patience: int = 8
    """So many sleeps, then Ctrl-C."""

    @property
    def config(self) -> Path:
        """Where logins are kept."""
        return self.folder / "config" / "profiles.json"

    def __call__(
        self, *arguments: str, given: str = "", api: httpx.BaseTransport | None = None
    ) -> Ended:
        """Runs one, ``given`` on its stdin."""
        self.slept = 0
        self.stack.clock.advance(timedelta(seconds=1))
        world = World(
            self.environ,
            self.config,
            api=api or httpx.WSGITransport(as_wsgi(self.stack.call)),
            local=self.local,
            sleep=self.sleep,
            now=self.stack.clock,
        )
        with CliRunner().isolation(given) as (out, err, _):
            code = run(arguments, Session(world))
            return Ended(code, _without_logs(out.getvalue().decode()), err.getvalue().decode())

    def done(self, *arguments: str, given: str = "") -> Ended:
        """Runs one that must succeed."""
        ended = self(*arguments, given=given)
        assert ended.code == 0, ended
        return ended

    def sleep(self, seconds: float) -> None:
        """The stack's turn, and time goes on."""
        self.slept += 1
        if self.slept > self.patience:
            raise KeyboardInterrupt
        self.stack.clock.advance(timedelta(seconds=seconds))
        self.stack.deliver()


_LOGGED = ('{"timestamp":"', '{"_aws":')


def _without_logs(printed: str) -> str:
    """The stack's functions log to this process's stdout, as Lambda has them do."""
    lines = printed.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_LOGGED))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Logged in by the environment as the root key's holder, in `acme`."""
    with a_stack() as stack:
        assert stack.acme.tenant == "acme"
        environ = {"HOOKLINE_API": API, "HOOKLINE_KEY": ROOT_KEY, "HOOKLINE_TENANT": "acme"}
        yield Terminal(stack, tmp_path, environ)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that is called, and misbehaves by its path."""
    with closing(Receiver(0)) as started:
        yield started


def at(receiver: Receiver, path: str) -> str:
    """An address of the receiver."""
    return f"http://127.0.0.1:{receiver.port}{path}"


def answering(status: int, calls: list[httpx.Request]) -> httpx.MockTransport:
    """A server on the developer's machine, which keeps what it gets."""

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(status, text="" if status < 300 else "it broke\x1b[31m here")

    return httpx.MockTransport(answer)


def headers_of(request: httpx.Request) -> Mapping[str, str]:
    """By lower-case name."""
    return {name.lower(): value for name, value in request.headers.items()}
