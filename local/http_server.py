"""The part that the proxy's and the receiver's request handlers share."""

from __future__ import annotations

from abc import abstractmethod
from http.server import BaseHTTPRequestHandler


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

    def _read_and_handle(self) -> None:
        if self.headers.get("Transfer-Encoding"):
            self.send_error(411, "Length Required")
            self.close_connection = True
            return
        self.handle_call(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.wfile.flush()

    # http.server looks for methods of these names.
    do_GET = do_HEAD = do_OPTIONS = _read_and_handle  # noqa: N815
    do_POST = do_PUT = do_PATCH = do_DELETE = _read_and_handle  # noqa: N815
