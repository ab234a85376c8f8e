"""The part that the proxy's and the receiver's request handlers share."""

from __future__ import annotations

from abc import abstractmethod
from http.server import BaseHTTPRequestHandler

LARGEST = 64 * 1024 * 1024
"""Bytes of a body: more than anything here is meant to take, less than the machine's memory."""

LONGEST_LINE = 4096
"""Of a chunk's size with its extensions, or of a trailer."""


class BadBodyError(Exception):
    """The request's body does not follow RFC 9112, or is beyond what is taken."""


class AnyMethod(BaseHTTPRequestHandler):
    """Hands every method to `handle_call`, quietly and without Nagle's delay."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

    @abstractmethod
    def handle_call(self, body: bytes) -> None:
        """Answers the call whose body has been read."""

    def log_message(self, *_: object) -> None:
        """Says nothing: the terminal belongs to the demo."""

    def handle_expect_100(self) -> bool:
        """Says at once that the body may come: buffered, the line would wait for the answer."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def _read_and_handle(self) -> None:
        try:
            body = self._body()
        except (BadBodyError, ValueError) as refused:
            self.send_error(400, "Bad Request", str(refused))
            self.close_connection = True
            return
        self.handle_call(body)
        self.wfile.flush()

    def _body(self) -> bytes:
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        if not coding:
            return self._exactly(int(self.headers.get("Content-Length") or 0))
        if coding != "chunked":
            raise BadBodyError(f"no Transfer-Encoding but chunked is known here, not {coding!r}")
        body = bytearray()
        while size := int(self._line().partition(b";")[0], 16):
            body += self._exactly(size, len(body))
            if self._line():
                raise BadBodyError("a chunk is longer than it says")
        while self._line():
            pass  # trailers: nobody here reads them
        return bytes(body)

    def _exactly(self, size: int, before: int = 0) -> bytes:
        if not 0 <= size <= LARGEST - before:
            raise BadBodyError(f"a body of more than {LARGEST} bytes, or of less than none")
        read = self.rfile.read(size)
        if len(read) < size:
            raise BadBodyError("the body ends before its length")
        return read

    def _line(self) -> bytes:
        line = self.rfile.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise BadBodyError("a line between chunks that does not end")
        return line.strip()

    # http.server looks for methods of these names.
    do_GET = do_HEAD = do_OPTIONS = _read_and_handle  # noqa: N815
    do_POST = do_PUT = do_PATCH = do_DELETE = _read_and_handle  # noqa: N815
