"""A function of a user's that fails as often as it is told to."""

from __future__ import annotations

from collections.abc import Mapping

from hookline.ports.inbound import Answered, Threw
from tests.inbound_builders import LAMBDA_ARN

INVOKE = {"type": "invoke", "function_arn": LAMBDA_ARN}


class Flaky:
    """A function of a user's that fails so many times; ``calls`` counts them."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self, payload: Mapping[str, object]) -> Answered | Threw:
        self.calls += 1
        if self.calls <= self.failures:
            return Threw("boom", "Traceback")
        return Answered({"message": "built 42", "log": "step 1\nstep 2"}, "")
