"""A small receiver of webhooks: shows what arrives, and fails, stalls or resets when it is told to.

==========================  ===================================================================
``GET /``                   a page of the newest calls
``GET /_calls?path=``       the calls as JSON, oldest first
``DELETE /_calls``          forgets calls, settings and counts
``PUT /_behaviours/PATH``   sets how PATH answers: a JSON object of `Behaviour`'s fields
``DELETE /_behaviours/PATH``  back to what the path itself says
anything else               is a call: recorded, and answered as `behaviours` says
==========================  ===================================================================
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from local.behaviours import Behaviour, Behaviours
from local.call import Call
from local.http_server import AnyMethod
from local.receiver_page import page

KEPT_CALLS = 100_000
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: close sends RST instead of FIN."""


class Receiver:
    """Listens on a loopback port until it is closed; 0 is any that is free."""

    def __init__(self, port: int) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._count = 0
        self._behaviours = Behaviours()
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"owner": self}))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()

    def calls(self, path: str | None = None) -> list[Call]:
        """What arrived, oldest first; of one path where it is given."""
        with self._lock:
            return [call for call in self._calls if path is None or call.path == path]

    def forget(self) -> None:
        """Forgets calls, settings and counts."""
        with self._lock:
            self._calls.clear()
            self._behaviours.clear()

    def set_behaviour(self, path: str, behaviour: Behaviour | None) -> None:
        """Sets how a path answers from now on; None: as the path itself says."""
        with self._lock:
            if behaviour is None:
                self._behaviours.unset(path)
            else:
                self._behaviours.set(path, behaviour)

    def receive(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Behaviour:
        """Records a call and says how to answer it."""
        url = urlsplit(target)
        try:
            text, encoded = body.decode(), False
        except UnicodeDecodeError:
            text, encoded = base64.b64encode(body).decode(), True
        with self._lock:
            behaviour = self._behaviours.next(url.path, headers.get("webhook-id", ""))
            self._count += 1
            self._calls.append(
                Call(
                    number=self._count,
                    received_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    method=method,
                    path=url.path,
                    query=url.query,
                    headers=headers,
                    body=text,
                    body_is_base64=encoded,
                    status=0 if behaviour.reset else behaviour.status,
                )
            )
        return behaviour


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(AnyMethod):
    owner: ClassVar[Receiver]

    def handle_call(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        if self.command == "GET" and path == "/":
            newest = self.owner.calls()[-50:][::-1]
            self._answer(200, page(newest), "text/html; charset=utf-8")
        elif path == "/_calls":
            self._calls()
        elif path.startswith("/_behaviours/"):
            self._behaviour(path.removeprefix("/_behaviours"), body)
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._behave(self.owner.receive(self.command, self.path, headers, body))

    def _calls(self) -> None:
        if self.command == "DELETE":
            self.owner.forget()
            self._answer(204, b"")
            return
        wanted = parse_qs(urlsplit(self.path).query).get("path", [None])[0]
        calls = [asdict(call) for call in self.owner.calls(wanted)]
        self._answer(200, json.dumps({"calls": calls}).encode())

    def _behaviour(self, path: str, body: bytes) -> None:
        try:
            set_to = None if self.command == "DELETE" else Behaviour(**json.loads(body))
        except (TypeError, ValueError) as refused:
            self._answer(422, json.dumps({"detail": str(refused)}).encode())
            return
        self.owner.set_behaviour(path, set_to)
        self._answer(204, b"")

    def _behave(self, behaviour: Behaviour) -> None:
        time.sleep(behaviour.delay_seconds)
        if behaviour.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = True
            return
        body = behaviour.body or f"answered {behaviour.status}\n"
        self._answer(behaviour.status, body.encode(), "text/plain", behaviour.headers.items())

    def _answer(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        bodiless = status in (204, 304)
        if not bodiless:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(body)
