"""One call's clock and limits, and the exception that ends the call early."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, override

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
