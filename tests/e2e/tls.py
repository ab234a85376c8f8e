"""An endpoint over TLS whose certificate comes from an authority that nobody knows."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme


@dataclass(frozen=True, slots=True)
class TlsEndpoint:
    """Where it listens, its authority's certificate, and the paths that were called."""

    url: str
    ca_pem: str
    called: list[str] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The paths of the calls up to now, oldest first."""
        return list(self.called)


@contextmanager
def tls_server() -> Iterator[TlsEndpoint]:
    """Listens on loopback and answers every POST with 200."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    called: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            called.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[ssl.SSLSocket, object]:
            # The handshake is left to the handler's thread: one who hangs in it holds up nobody.
            sock, address = self.socket.accept()
            secure = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            return secure, address

        def handle_error(self, *_: object) -> None:
            """A refused handshake is what the tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        port = server.server_address[1]
        pem = authority.cert_pem.bytes().decode()
        yield TlsEndpoint(f"https://127.0.0.1:{port}", pem, called)
        server.shutdown()
