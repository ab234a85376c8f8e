"""A function in a process of its own, as Lambda's runtime runs it: asks for events, answers them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html over a kept connection. Arguments:
the handler's module and, to leave AWS's sockets out, the recording that stands for it.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_PATH = "/2018-06-01/runtime/invocation"


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers ask of Lambda's context."""

    aws_request_id: str
    deadline_ms: int

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is cut off."""
        return self.deadline_ms - round(time.time() * 1000)


def main() -> None:
    """Until nobody gives events any more."""
    module, *stub = sys.argv[1:]
    if stub:
        recording = pickle.loads(Path(stub[0]).read_bytes())  # noqa: S301 - our own
        recording.answers.replay()
    # A function has a part of one processor: on two, threads would pay for their hand-over too.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    handler = importlib.import_module(module).handler
    runtime = Runtime(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        headers, content = runtime.ask("GET", f"{_PATH}/next")
        name = headers["lambda-runtime-aws-request-id"]
        context = Context(name, int(headers["lambda-runtime-deadline-ms"]))
        answer = json.dumps(handler(json.loads(content), context)).encode()
        runtime.ask("POST", f"{_PATH}/{name}/response", answer)


class Runtime:
    """One kept connection, spoken to with as little as HTTP/1.1 needs: Lambda's own is native."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._host = address
        self._buffer = b""

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[dict[str, str], bytes]:
        """An answer's headers, by their names in lower case, and its body."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(body)}"
        self._socket.sendall(head.encode() + b"\r\n\r\n" + body)
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head_of, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        headers = dict(_field(line) for line in head_of.decode().split("\r\n")[1:])
        length = int(headers["content-length"])
        while len(self._buffer) < length:
            self._receive()
        content, self._buffer = self._buffer[:length], self._buffer[length:]
        return headers, content

    def _receive(self) -> None:
        more = self._socket.recv(1024 * 1024)
        if not more:
            raise SystemExit
        self._buffer += more


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value


if __name__ == "__main__":
    main()
