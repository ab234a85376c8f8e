"""A function in a process of its own, as Lambda's runtime runs it: asks for events, answers them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html over a kept connection, in as little
Python as does it. Arguments: the handler's module and, to leave AWS's sockets out of what is
measured, the recording that stands for it.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

_NEXT = "/2018-06-01/runtime/invocation/next"
_RESPONSE = "/2018-06-01/runtime/invocation/{}/response"


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers ask of Lambda's context."""

    aws_request_id: str
    deadline_ms: int

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is cut off."""
        return self.deadline_ms - round(time.time() * 1000)


def main() -> None:
    """Until nobody gives events any more."""
    module, *stub = sys.argv[1:]
    if stub:
        recording = pickle.loads(Path(stub[0]).read_bytes())  # noqa: S301 - our own
        recording.answers.replay()
    # A function has a part of one processor: on two, threads would pay for their hand-over too.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    handler = importlib.import_module(module).handler
    runtime = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", _NEXT)
        given = runtime.getresponse()
        event = json.loads(given.read())
        name = given.headers["Lambda-Runtime-Aws-Request-Id"]
        context = Context(name, int(given.headers["Lambda-Runtime-Deadline-Ms"]))
        answer = json.dumps(handler(event, context)).encode()
        runtime.request("POST", _RESPONSE.format(name), answer)
        runtime.getresponse().read()


if __name__ == "__main__":
    main()
