"""CPU of a function's whole process as the kernel counts it, over real sockets.

The function runs as at Lambda (`bench.bootstrap`). This process is what is around it: the runtime's
API, and an AWS that answers from the recording. What it takes itself is not counted. TLS is left
out on both ways: locally there is none to AWS, and endpoints are http.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import batched, cycle
from pathlib import Path
from typing import Any

from bench.recorded import BATCH, Recording
from bench.replay import ALWAYS

_WARM_UP_SECONDS, _SECONDS = 1.0, 2.0
_PAUSE_SECONDS = 0.25
"""Of CPU after which it is looked whether it is enough: the kernel counts in hundredths."""
_SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "TrentService": "kms",
    "secretsmanager": "secrets-manager",
}
"""By the prefix of X-Amz-Target, named as botocore's events name them."""
_LONGEST = 1024 * 1024


class Around:
    """Gives a function its events, and AWS's answers."""

    def __init__(self, recording: Recording, what: str) -> None:
        self._answers = recording.answers.of
        self._events = _events(recording, what)
        self._given = 0
        self.done = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, of the runtime or of a client of AWS."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, *fields = head.decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (field.partition(":") for field in fields if field)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                writer.write(self._answer(line.split(" ")[1], headers, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        if path.endswith("/next"):
            self._given += 1
            deadline = round(time.time() * 1000) + 60_000
            return _http(
                json.dumps(next(self._events)).encode(),
                f"Lambda-Runtime-Aws-Request-Id: {self._given}\r\n"
                f"Lambda-Runtime-Deadline-Ms: {deadline}\r\n",
            )
        if path.endswith("/response"):
            answer = json.loads(body)
            if answer.get("batchItemFailures") or answer.get("statusCode", 202) != 202:
                raise RuntimeError(f"what is measured does not do its work: {answer}")
            self.done += 1
            return _http(b"{}")
        prefix, _, operation = headers["x-amz-target"].partition(".")
        name = f"{_SERVICES[prefix]}.{operation}"
        found = ALWAYS.get(name)
        return _http(self._answers[name, body] if found is None else found)


def _http(body: bytes, headers: str = "") -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"x-amzn-RequestId: 0\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _events(recording: Recording, what: str) -> Iterator[Any]:
    match what:
        case "api":
            return cycle([recording.publish_request])
        case "fanout":
            return cycle([{"Records": recording.stream_records}])
    return cycle({"Records": each} for each in batched(recording.messages, BATCH, strict=True))


def units(recording: Recording, what: str) -> int:
    """Events published, or deliveries, of one invocation."""
    return {"api": 1, "fanout": recording.deliveries, "sender": BATCH}[what]


async def measure(path: Path, what: str, *, stubbed: bool) -> float:
    """Milliseconds of CPU a unit of the function's process, its children included."""
    recording: Recording = pickle.loads(path.read_bytes())  # noqa: S301 - our own
    around = Around(recording, what)
    server = await asyncio.start_server(around.serve, "127.0.0.1", 0, limit=_LONGEST)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    given = {
        **os.environ,
        **recording.environment,
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    arguments = ["-m", "bench.bootstrap", f"hookline_{what}.handler", *([str(path)] * stubbed)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=given, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _until(process.pid, cpu_seconds(process.pid) + _WARM_UP_SECONDS, around)
        done, spent = around.done, cpu_seconds(process.pid)
        await _until(process.pid, spent + _SECONDS, around)
        made = (around.done - done) * units(recording, what)
        return (cpu_seconds(process.pid) - spent) * 1000 / made
    finally:
        process.kill()
        await process.wait()
        server.close()


async def _until(pid: int, seconds: float, around: Around) -> None:
    """Waits for the process to have spent so much CPU, and for the end of an invocation."""
    while cpu_seconds(pid) < seconds:
        await asyncio.sleep(_PAUSE_SECONDS / 5)
    done = around.done
    while around.done == done:
        await asyncio.sleep(0)


def cpu_seconds(pid: int) -> float:
    """Of a process and the children that it has waited for, user and system: proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Arguments: the recording and the function. Prints JSON: AWS by sockets, and without."""
    path, what = Path(sys.argv[1]), sys.argv[2]
    measured = {
        name: asyncio.run(measure(path, what, stubbed=stubbed))
        for name, stubbed in (("kernel", False), ("without_aws", True))
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
