"""A plain address for the deployed HTTP API: passes each call on to the emulator's gateway.

The gateway tells APIs apart by the Host header, which no browser or curl line should have to set.
The emulator starts a worker for every call that finds none idle, a second of CPU each, so that a
handful at once would stop it: here a function gets few calls at a time, and the rest waits in line.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

from local.http_server import AnyMethod

GATEWAY_SECONDS = 35
"""A little above API Gateway's own 30 s limit."""

AT_ONCE = 4
"""Calls that one function works on: as many workers it has, when all of them are busy."""

LINE_SECONDS = 30
"""The longest wait in line; the answer is then the gateway's own where Lambda throttles."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "expect"}
    | {"proxy-authenticate", "proxy-authorization", "content-length"}
)
"""RFC 9110 section 7.6.1, and what this proxy writes itself."""


class Proxy:
    """Listens on a loopback port until it is closed; 0 is any that is free."""

    def __init__(self, port: int, aws_port: int, http_api_id: str) -> None:
        handler = type(
            "Handler",
            (_Handler,),
            {
                "aws_port": aws_port,
                "host": f"{http_api_id}.execute-api.127.0.0.1:{aws_port}",
                "lines": Lines(),
            },
        )
        self._server = _Server(("127.0.0.1", port), handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


class Lines:
    """A line of waiting calls for each function behind the API, by the first part of its paths."""

    def __init__(self, at_once: int = AT_ONCE, longest_wait: float = LINE_SECONDS) -> None:
        self._longest_wait = longest_wait
        self._of_others = threading.Semaphore(at_once)
        self._of = {part: threading.Semaphore(at_once) for part in ("in", "console")}

    @contextmanager
    def turn(self, path: str) -> Iterator[bool]:
        """Waits for one; False where it took too long."""
        first_part = urlsplit(path).path.strip("/").partition("/")[0]
        line = self._of.get(first_part, self._of_others)
        got = line.acquire(timeout=self._longest_wait)
        try:
            yield got
        finally:
            if got:
                line.release()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


class _Handler(AnyMethod):
    aws_port: ClassVar[int]
    host: ClassVar[str]
    lines: ClassVar[Lines]

    def handle_call(self, body: bytes) -> None:
        with self.lines.turn(self.path) as got:
            if got:
                self._pass_on(body)
            else:
                self.send_error(503, "Service Unavailable", "too many calls wait for this function")

    def _pass_on(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.aws_port, timeout=GATEWAY_SECONDS)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            upstream.putheader("Host", self.host)
            # What the API tells of itself, such as the console's address, is to lead here.
            upstream.putheader("X-Forwarded-Host", self.headers.get("Host", ""))
            upstream.putheader("X-Forwarded-Proto", "http")
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    upstream.putheader(name, value)
            if body or {"Content-Length", "Transfer-Encoding"} & set(self.headers):
                upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            self._pass_back(answer, answer.read())
        except (OSError, http.client.HTTPException) as failure:
            self.send_error(502, "Bad Gateway", f"the AWS emulator did not answer: {failure}")
        finally:
            upstream.close()

    def _pass_back(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
