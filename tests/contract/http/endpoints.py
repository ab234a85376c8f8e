"""Endpoints on loopback that behave as a test tells them to, well or badly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

BETWEEN_BYTES_SECONDS = 5.0
_STALLED_SECONDS = 30
"""How long an endpoint stalls at most: a call that does not end fails its test, and hangs none."""


class Time:
    """A caller's clock that endpoints move: only what they do takes time, on every machine."""

    def __init__(self) -> None:
        self._now = 0.0
        self._looks = 0
        self._looked = threading.Condition()

    def __call__(self) -> float:
        with self._looked:
            self._looks += 1
            self._looked.notify_all()
            return self._now

    def passes(self, seconds: float, act: Callable[[], object]) -> bool:
        """Acts so many seconds later; whether the caller has looked again, which is waited for."""
        with self._looked:
            before = self._looks
            self._now += seconds
        act()
        with self._looked:
            return self._looked.wait_for(lambda: self._looks > before, _STALLED_SECONDS)


@dataclass(frozen=True)
class Request:
    """What an endpoint saw of a request."""

    line: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """One connection, from the endpoint's side."""

    def __init__(
        self, sock: socket.socket, stopping: threading.Event, time: Time | None = None
    ) -> None:
        self.sock = sock
        self._stopping = stopping
        self._time = time
        self._input = sock.makefile("rb")

    def request(self) -> Request | None:
        """The next request, None when the client has gone."""
        line = self._input.readline().decode("latin-1").strip()
        if not line:
            return None
        headers: dict[str, str] = {}
        while field_line := self._input.readline().decode("latin-1").strip():
            name, _, value = field_line.partition(":")
            headers[name] = value.strip()
        body = self._input.read(int(headers.get("Content-Length", "0")))
        return Request(line, headers, body)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send byte by byte, slowly by the caller's clock, as long as it looks at that."""
        assert self._time is not None, "whoever drips needs the caller's clock"
        for byte in data:
            send = partial(self.sock.sendall, bytes([byte]))
            if self._stopping.is_set() or not self._time.passes(BETWEEN_BYTES_SECONDS, send):
                return

    def trickle(self, data: bytes) -> None:
        """Send byte by byte in real time, to who waits without looking at a clock of ours."""
        for byte in data:
            if self._stopping.wait(0.02):
                return
            self.sock.sendall(bytes([byte]))

    def flood(self, data: bytes) -> None:
        """Send the same again and again until the client goes."""
        while not self._stopping.is_set():
            self.sock.sendall(data)

    def stall(self) -> None:
        """Do nothing until the client goes."""
        self.sock.settimeout(_STALLED_SECONDS)
        while self.sock.recv(65_536):
            pass

    def reset(self) -> None:
        """Close the way that tells the client so with an RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._input.close()
        self.sock.close()


Behaviour = Callable[[Peer], None]


@dataclass
class Endpoint:
    """A server on loopback; each connection is served by ``behave`` in a thread of its own."""

    behave: Behaviour
    tls: ssl.SSLContext | None = None
    time: Time | None = None
    requests: list[Request] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        if self.tls is not None:
            self.tls.sni_callback = lambda _sock, name, _context: self.server_names.append(name)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self.time is not None:
            self.time()  # whoever drips waits for somebody to look at it
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._open.append(sock)
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):  # the client has gone, as many tests want
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            with sock:
                self.behave(Peer(sock, self._stopping, self.time))


@contextlib.contextmanager
def answering(answer: bytes, *, tls: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """An endpoint that reads requests, notes them, and gives each the same answer."""

    def behave(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            endpoint.requests.append(request)
            peer.send(answer)

    with Endpoint(behave, tls) as endpoint:
        yield endpoint


@contextlib.contextmanager
def answering_once(answer: bytes) -> Iterator[Endpoint]:
    """An endpoint that answers one request of each connection and closes it."""

    def behave(peer: Peer) -> None:
        request = peer.request()
        if request is not None:
            endpoint.requests.append(request)
            peer.send(answer)

    with Endpoint(behave) as endpoint:
        yield endpoint
