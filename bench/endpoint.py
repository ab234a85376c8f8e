"""Endpoints in a process of its own, so that their work is not counted as ours.

They listen on ten loopback addresses, as ten companies' do.

``/<n>`` answers after n milliseconds: 200, the headers a common server sends, a short JSON body.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n"
    b'{"ok":true}'
)


_HOSTS = [f"127.0.0.{number}" for number in range(1, 11)]


@contextmanager
def running() -> Iterator[list[str]]:
    """Their addresses, such as ``http://127.0.0.1:49152``, as long as the block runs."""
    command = [sys.executable, "-m", "bench.endpoint"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            port = process.stdout.readline().strip()
            yield [f"http://{host}:{port}" for host in _HOSTS]
        finally:
            process.kill()


async def _serve() -> None:
    first = await asyncio.start_server(_answer, _HOSTS[0], 0, backlog=512)
    port = first.sockets[0].getsockname()[1]
    await asyncio.start_server(_answer, _HOSTS[1:], port, backlog=512)
    print(port, flush=True)
    await first.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        path = head.split(b" ", 2)[1]
        await reader.readexactly(_length(head))
        delay = int(path[1:].partition(b"/")[0])
        if delay:
            await asyncio.sleep(delay / 1000)
        writer.write(_ANSWER)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


if __name__ == "__main__":
    asyncio.run(_serve())
