"""Every read and write of a call, against its deadline and a byte allowance.

A socket's own timeout starts anew with each operation: an endpoint that drips one byte a second
is never late. Here each operation may last as long as the whole call still may.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, override

from urllib3.util import Timeout

from hookline.domain.delivery.delivery import ErrorKind

MonotonicClock = Callable[[], float]


class Dials(Protocol):
    """Opens connections, and only to addresses that calls may go to."""

    def dial(self, host: str, port: int, exchange: Exchange) -> socket.socket:
        """A connected socket. Raises `CallEnded`."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is taken in.

    A response's head must fit ``head_bytes`` (Node.js takes 16 KiB by default, most servers send
    less than 8). Of its body ``kept_body_bytes`` are kept; up to ``read_body_bytes`` are read off
    the wire, framing included, so that an endpoint with a long answer still sees it accepted and
    its connection can be used again. Beyond that the connection is closed.
    """

    head_bytes: int = 32 * 1024
    kept_body_bytes: int = 16 * 1024
    read_body_bytes: int = 1024 * 1024


class CallEnded(Exception):  # noqa: N818 - not an error of ours: the way out through libraries
    """The call is over without an answer.

    Raised beneath urllib3 and caught above requests, so it must be none of the exceptions that
    either of them translates: not an OSError, not an HTTPException.
    """

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.message = message


class Exchange(Timeout):
    """One call on its way: what is left of its time, and where it went.

    It travels through requests and urllib3 as their ``timeout``, the one argument that both hand
    down to the connection unchanged. urllib3's own timeouts are per operation and stay unset.

    ``kept``: it goes over a connection that served another call. ``answered``: a byte of the answer
    has come. ``afresh``: it wants a connection of its own.
    """

    def __init__(
        self,
        *,
        dialler: Dials,
        timeout: timedelta,
        limits: Limits,
        clock: MonotonicClock = time.monotonic,
    ) -> None:
        super().__init__(connect=None, read=None)
        self.dialler = dialler
        self.limits = limits
        self.address: str | None = None
        self.kept = False
        self.answered = False
        self.afresh = False
        self._clock = clock
        self._timeout = timeout
        self._started = clock()
        self._deadline = self._started + timeout.total_seconds()
        self._ended: float | None = None

    @override
    def clone(self) -> Exchange:
        """Itself: urllib3 copies timeouts to restart their clocks, and this one must not."""
        return self

    @override
    def start_connect(self) -> float:
        """Nothing: our own clock runs from the beginning, over a second connection too."""
        return 0.0

    def remaining(self, doing: str) -> float:
        """The seconds left, more than 0.

        Raises:
            CallEnded: there are none left for ``doing``.
        """
        left = self._deadline - self._clock()
        if left <= 0:
            raise self.out_of_time(doing)
        return left

    def out_of_time(self, doing: str) -> CallEnded:
        """The end that is raised when the time runs out while ``doing`` something."""
        seconds = self._timeout.total_seconds()
        return CallEnded("timeout", f"no complete answer within {seconds:g} s: {doing}")

    def end(self) -> timedelta:
        """Stop the clock; how long the call took."""
        self._ended = self._clock()
        return timedelta(seconds=self._ended - self._started)

    def idle_seconds(self) -> float:
        """How long ago the call ended, 0 while it is on its way."""
        return 0.0 if self._ended is None else self._clock() - self._ended


class AllowanceUsedUp(Exception):  # noqa: N818 - no error: the body is longer than we care to read
    """The body goes on beyond what is read of one. Like CallEnded, no library translates it."""


class DeadlineSocket:
    """A connected socket as http.client and urllib3 use one, bound to one exchange at a time."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._sock = sock
        self.exchange = exchange
        self._reader: _DeadlineReader | None = None

    def sendall(self, data: bytes) -> None:
        """Send all of it.

        A closed connection raises ConnectionError as a socket's does: the endpoint may have
        answered before it closed, which urllib3 then finds out by reading.
        """
        view = memoryview(data)
        while view:
            self._sock.settimeout(self.exchange.remaining("sending the request"))
            try:
                view = view[self._sock.send(view) :]
            except TimeoutError as error:
                raise self.exchange.out_of_time("sending the request") from error
            except ConnectionError:
                raise
            except ssl.SSLError as error:
                raise _tls_failure(error) from error
            except OSError as error:
                raise CallEnded("reset", "the connection broke while sending") from error

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        """The response to read, beginning with its head; http.client asks once per response."""
        self._reader = _DeadlineReader(self._sock.makefile(mode, buffering=0), self)
        return io.BufferedReader(self._reader)

    def head_is_complete(self) -> None:
        """From here on the body is read, under the body's allowance."""
        if self._reader is not None:
            self._reader.begin_body()

    def settimeout(self, _: float | None) -> None:
        """Nothing: urllib3 sets its own timeouts here, and the deadline rules."""

    def set_socket_timeout(self, seconds: float) -> None:
        """Bound the next operation on the socket beneath."""
        self._sock.settimeout(seconds)

    def fileno(self) -> int:
        """For urllib3's test whether an idle connection has been closed or written to."""
        return self._sock.fileno()

    def shutdown(self, how: int) -> None:
        """End the connection in one direction or both."""
        self._sock.shutdown(how)

    def close(self) -> None:
        """Close, or leave that to the response that is still being read."""
        self._sock.close()


class _DeadlineReader(io.RawIOBase):
    """What one response is read from."""

    def __init__(self, raw: socket.SocketIO, owner: DeadlineSocket) -> None:
        super().__init__()
        self._raw = raw
        self._owner = owner
        self._received = 0
        self._in_head = True
        self._allowance = owner.exchange.limits.head_bytes

    def begin_body(self) -> None:
        self._in_head = False
        self._received = 0
        self._allowance = self._owner.exchange.limits.read_body_bytes

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed names the private WriteableBuffer
        if self._received >= self._allowance:
            raise self._too_much()
        doing = "waiting for the answer" if self._in_head else "reading the answer's body"
        self._owner.set_socket_timeout(self._owner.exchange.remaining(doing))
        try:
            count = self._raw.readinto(buffer) or 0
        except TimeoutError as error:
            raise self._owner.exchange.out_of_time(doing) from error
        except ssl.SSLError as error:
            raise _tls_failure(error) from error
        except OSError as error:
            raise CallEnded("reset", f"the connection was reset while {doing}") from error
        if not count and self._in_head and self._received:
            # http.client takes the end of the stream for the end of the head.
            raise CallEnded("protocol", "the answer ended in the middle of its head")
        self._received += count
        self._owner.exchange.answered |= count > 0
        return count

    def _too_much(self) -> Exception:
        if self._in_head:
            return CallEnded("too_large", f"the answer's head exceeds {self._allowance:,} bytes")
        return AllowanceUsedUp()

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()


def _tls_failure(error: ssl.SSLError) -> CallEnded:
    return CallEnded("tls", f"TLS failed: {error.reason or 'unknown reason'}")
