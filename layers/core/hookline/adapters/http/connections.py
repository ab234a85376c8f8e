"""urllib3's connections and pools, with our dialling and reading in them.

All that leans on the insides of urllib3 and http.client stands in this file: ``_new_conn`` and
``_make_request`` of urllib3, ``_read_status`` and ``_read_next_chunk_size`` of http.client. The
versions are pinned, and the contract tests of this package fail when one of them moves.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterable
from email.errors import MissingHeaderBodySeparatorDefect
from typing import Any, cast, override

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util.ssl_match_hostname import CertificateError

from hookline.adapters.http.sockets import CallEnded, DeadlineSocket, Exchange
from hookline.domain.delivery.delivery import ErrorKind

_IDLE_LIMIT_SECONDS = 4.0
"""An idle connection is not used again after this: Node.js closes them after 5 s, and what closed
while a Lambda function was frozen looks open when it thaws."""

_ONE_PIECE_BYTES = 16 * 1024
"""A longer body is sent by itself: joining it to its head would copy it."""

_MAX_INTERIM_RESPONSES = 20

_LENGTH = re.compile(r"[0-9]+", re.ASCII)
"""What RFC 9110, section 8.6 allows; int() takes signs, underscores and other scripts' digits."""


class _FinalResponse(http.client.HTTPResponse):
    """Stricter than http.client where that takes what is no HTTP.

    Every interim response is skipped, not only 100 (RFC 9110, 15.2); all count as one head.
    """

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MAX_INTERIM_RESPONSES + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # private, hence untyped
            # 101 is final: nobody asked for an upgrade.
            if not 100 <= status < 200 or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"got more than {_MAX_INTERIM_RESPONSES} interim responses")

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # private, hence untyped
        if size < 0:
            # int() takes a sign, and a read of -1 bytes takes all there is.
            raise ValueError("a chunk's size is negative")
        return size

    @override
    def begin(self) -> None:
        super().begin()
        # A line without a colon ends the head for Python's parser, and the length goes unseen.
        if any(isinstance(each, MissingHeaderBodySeparatorDefect) for each in self.msg.defects):
            raise http.client.HTTPException("a line of the head is no header")
        # http.client takes such a length for none at all, and whatever comes for the body.
        if not self.chunked and not all(map(_LENGTH.fullmatch, self._lengths())):
            raise http.client.HTTPException("the Content-Length is no number")

    def _lengths(self) -> Iterable[str]:
        # Several may come in one line; that they are the same is checked by urllib3.
        lines: list[str] = self.msg.get_all("Content-Length", [])
        return (length.strip() for line in lines for length in line.split(","))


class _Guarded(HTTPConnection):
    """What both kinds of connection share. ``exchange`` is the call they serve at the time."""

    response_class = _FinalResponse
    exchange: Exchange
    address: str | None = None
    _pieces: list[bytes] | None = None

    def serve(self, exchange: Exchange) -> None:
        self.exchange = exchange
        if exchange.afresh and self.sock is not None:
            self.close()
        exchange.kept = self.sock is not None
        if self.sock is not None:
            exchange.address = self.address
            cast("DeadlineSocket", self.sock).exchange = exchange

    @property
    @override
    def is_connected(self) -> bool:
        return self.exchange.idle_seconds() < _IDLE_LIMIT_SECONDS and super().is_connected

    @override
    def _new_conn(self) -> socket.socket:
        sock = self.exchange.dialler.dial(self.host, self.port, self.exchange)
        self.address = self.exchange.address
        return sock

    @override
    def request(self, method: str, url: str, body: Any = None, *args: Any, **options: Any) -> None:
        """Sends a common body and its head in one piece: half the system calls, one packet."""
        if body is not None and len(body) > _ONE_PIECE_BYTES:
            super().request(method, url, body, *args, **options)
            return
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            super().request(method, url, body, *args, **options)
        finally:
            self._pieces = None
        self.send(b"".join(pieces))

    @override
    def send(self, data: Any) -> None:
        if self._pieces is None:
            super().send(data)
        else:
            self._pieces.append(data)

    def _guard_socket(self) -> None:
        # http.client types this as a socket; it uses what DeadlineSocket has.
        self.sock = cast("Any", DeadlineSocket(cast("socket.socket", self.sock), self.exchange))

    @override
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own override has it
        # Kept at hand: on "Connection: close" http.client lets go of the socket before the body.
        guarded = cast("DeadlineSocket", self.sock)
        try:
            response = super().getresponse()
        except http.client.RemoteDisconnected as error:
            raise CallEnded("reset", "the connection was closed without an answer") from error
        except http.client.LineTooLong as error:
            raise CallEnded("too_large", "a line of the answer's head is too long") from error
        except http.client.HTTPException as error:
            # The only word http.client has for it is its message.
            many = str(error).startswith("got more than")
            kind: ErrorKind = "too_large" if many else "protocol"
            raise CallEnded(kind, f"the answer is not valid HTTP: {_told(error)}") from error
        except HTTPError as error:
            raise CallEnded("protocol", "the answer's headers contradict each other") from error
        guarded.head_is_complete()
        return response


class GuardedHTTPConnection(_Guarded):
    """A plain connection to a checked address."""

    @override
    def connect(self) -> None:
        super().connect()
        self._guard_socket()


class GuardedHTTPSConnection(_Guarded, HTTPSConnection):
    """A TLS connection to a checked address, its certificate checked against the url's host."""

    @override
    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:
            raise self.exchange.out_of_time("in the TLS handshake") from error
        except ssl.SSLCertVerificationError as error:
            message = f"the certificate is not trusted: {error.verify_message}"
            raise CallEnded("tls", message) from error
        except CertificateError as error:
            raise CallEnded("tls", f"the certificate is not this host's: {error}") from error
        except OSError as error:
            reason = getattr(error, "reason", None) or error.strerror or "failed"
            raise CallEnded("tls", f"the TLS handshake failed: {reason}") from error
        self._guard_socket()


class _GuardedPool(HTTPConnectionPool):
    """Tells a connection which call it serves before it is used."""

    @override
    def _make_request(  # type: ignore[override]  # passes on whatever urlopen gives, by keyword
        self, conn: _Guarded, method: str, url: str, *, timeout: Exchange, **options: Any
    ) -> BaseHTTPResponse:
        conn.serve(timeout)
        return super()._make_request(conn, method, url, timeout=timeout, **options)


class GuardedHTTPConnectionPool(_GuardedPool):
    """Plain connections to one host and port."""

    ConnectionCls = GuardedHTTPConnection


class GuardedHTTPSConnectionPool(_GuardedPool, HTTPSConnectionPool):
    """TLS connections to one host and port, under one set of trusted certificates."""

    ConnectionCls = GuardedHTTPSConnection


def _told(error: Exception) -> str:
    """The error as it is: parts of it are the endpoint's own words, see `error_message`."""
    return f"{type(error).__name__} {error}"
