"""The whole stack behind HTTP in this process, for journeys that need no emulator.

The functions are the real ones over moto, called one at a time; what triggers them in the cloud is
done after each change and once a second. ``python -m tests.e2e.console.in_process`` serves one
until Ctrl-C, and its stack.json lets any journey run on it: HOOKLINE_STACK=stack.json.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from hookline_console.answering import DOCS
from hookline_console.settings import ConsoleSettings
from hookline_console.wiring import build_console
from local.http_server import AnyMethod
from local.receiver import Receiver
from tests.e2e.stack import Stack as Addresses
from tests.engine.clock import FakeClock
from tests.worlds.client import ROOT_KEY, gateway_event
from tests.worlds.stack import Stack, a_stack

TURN_SECONDS = 1.0
TURNS_A_ROUND = 20
"""What the scheduler does is mostly to look: not every second while a browser waits."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One call of the API: its path with the query, and the bytes of its answer's body."""

    target: str
    size: int


class Served:
    """A stack on a loopback port; ``calls`` are those of the API, in the order of their answers."""

    def __init__(self, stack: Stack, receiver: Receiver) -> None:
        self.stack = stack
        self.calls: list[Answered] = []
        self._console = build_console(stack.settings(ConsoleSettings))
        self._one_at_a_time = threading.RLock()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"served": self})
        )
        self._server.daemon_threads = True
        self.addresses = Addresses(
            api=f"http://127.0.0.1:{self._server.server_port}",
            receiver=f"http://127.0.0.1:{receiver.port}",
            root_key=ROOT_KEY,
            aws_endpoint="",
        )
        for work in (lambda: self._server.serve_forever(0.05), self._turn):
            threading.Thread(target=work, daemon=True).start()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """While nothing else runs: what is written past the functions is written alone."""
        with self._one_at_a_time:
            self.stack.clock.now = datetime.now(UTC)
            yield

    def close(self) -> None:
        """Stops listening, once what runs is done."""
        self._server.shutdown()
        self._over.set()
        with self._one_at_a_time:
            self._server.server_close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        """What the gateway would pass back, from the function that the path belongs to."""
        url = urlsplit(target)
        event = gateway_event(
            method,
            unquote(url.path),
            # As local/proxy.py does: what the API tells of itself is to lead here.
            headers={**headers, "x-forwarded-proto": "http", "x-forwarded-host": headers["Host"]},
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            body=body or None,
            base64_encoded=True,
        )
        answer: Callable[[dict[str, Any]], Any] = self._console
        if url.path.startswith("/in/"):
            answer = self.stack.answer
        elif url.path.startswith("/v1/") and url.path != DOCS:
            answer = self._api
        with self._one_at_a_time:
            self.stack.clock.now = datetime.now(UTC)
            reply = answer(event)
            if method != "GET":
                self._work()
        if answer == self._api:
            self.calls.append(Answered(target, len(reply.get("body") or "")))
        return reply

    def _api(self, event: dict[str, Any]) -> Any:
        return self.stack.call(event, None)

    def _turn(self) -> None:
        for turn in count(1):
            if self._over.wait(TURN_SECONDS):
                return
            with self._one_at_a_time:
                self.stack.clock.now = datetime.now(UTC)
                self._work()
                if turn % TURNS_A_ROUND == 0:
                    self.stack.schedule()

    def _work(self) -> None:
        self.stack.work()
        self.stack.deliver()


class _Handler(AnyMethod):
    served: ClassVar[Served]

    def handle_call(self, body: bytes) -> None:
        reply = self.served.answer(self.command, self.path, dict(self.headers.items()), body)
        content = (reply.get("body") or "").encode()
        if reply.get("isBase64Encoded"):
            content = base64.b64decode(content)
        self.send_response_only(reply["statusCode"])
        for name, value in reply["headers"].items():
            self.send_header(name, value)
        if reply["statusCode"] != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def served(**parameters: str) -> Iterator[Served]:
    """A stack of its own with these template parameters."""
    with ExitStack() as undo:
        receiver = Receiver(0)
        undo.callback(receiver.close)
        stack = undo.enter_context(a_stack(FakeClock(), os.urandom, **parameters))
        running = Served(stack, receiver)
        undo.callback(running.close)
        yield running


def main() -> None:
    """Serves one, its addresses in the file that the argument names."""
    with served() as running:
        Path(sys.argv[1]).write_text(json.dumps(asdict(running.addresses)), encoding="utf-8")
        threading.Event().wait()


if __name__ == "__main__":
    main()
