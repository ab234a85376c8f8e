"""Ends the sender in the middle of a call, as a crash of its process would."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.aws import sqs_of
from tests.e2e.stack import Stack

_HIDDEN_SECONDS = "6"
"""Instead of the queue's six minutes: how soon a message comes back whose receiver died."""


@contextmanager
def killing_the_sender(stack: Stack, queue: str) -> Iterator[Callable[[], None]]:
    """Gives what kills the sender's processes; ``queue`` is the one its message comes from."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("finds the emulator's processes by /proc")
    sqs = sqs_of(stack)
    url = sqs.get_queue_url(QueueName=f"hookline-local-{queue}")["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": _HIDDEN_SECONDS})
    try:
        yield lambda: _kill(stack)
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=before["Attributes"])


def _kill(stack: Stack) -> None:
    found = list(processes_of(stack, "sender"))
    assert found, "no sender runs"
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def processes_of(stack: Stack, function: str) -> Iterator[int]:
    """The processes of a function of this stack, known by the environment they started with."""
    known = {
        f"AWS_LAMBDA_FUNCTION_NAME=hookline-local-{function}".encode(),
        f"AWS_ENDPOINT_URL={stack.aws_endpoint}".encode(),
    }
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if known <= set((process / "environ").read_bytes().split(b"\0")):
                yield int(process.name)
