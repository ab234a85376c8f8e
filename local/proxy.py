"""A plain address for the deployed HTTP API: passes each call on to the emulator's gateway.

The gateway tells APIs apart by the Host header, which no browser or curl line should have to set.
"""

from __future__ import annotations

import http.client
import threading
from http.server import ThreadingHTTPServer
from typing import ClassVar

from local.http_server import AnyMethod

GATEWAY_SECONDS = 35
"""A little above API Gateway's own 30 s limit."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host"}
    | {"proxy-authenticate", "proxy-authorization", "content-length"}
)
"""RFC 9110 section 7.6.1, and what this proxy writes itself."""


class Proxy:
    """Listens on a loopback port until it is closed; 0 is any that is free."""

    def __init__(self, port: int, aws_port: int, http_api_id: str) -> None:
        handler = type(
            "Handler",
            (_Handler,),
            {"aws_port": aws_port, "host": f"{http_api_id}.execute-api.127.0.0.1:{aws_port}"},
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(AnyMethod):
    aws_port: ClassVar[int]
    host: ClassVar[str]

    def handle_call(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.aws_port, timeout=GATEWAY_SECONDS)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            upstream.putheader("Host", self.host)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    upstream.putheader(name, value)
            if body or "Content-Length" in self.headers:
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
