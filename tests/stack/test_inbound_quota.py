"""The template's quotas of inbound calls fit the busiest sender that an organisation has."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from hookline.errors import TooManyRequests
from hookline.services.identity.keep_quota import WINDOW, KeepQuota, Quota
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.identity import InMemoryAllotments
from tests.worlds.template import defaults

RECEIVERS = 20
"""Processes that share the calls, each of which draws for itself."""

_EXAMPLES = Path(__file__).parents[1] / "vectors/senders/octokit-webhooks-examples.json.gz"
_GROUPS = json.loads(gzip.decompress(_EXAMPLES.read_bytes()))
SIZES = {
    group["name"]: max(len(json.dumps(example)) for example in group["examples"])
    for group in _GROUPS
}
"""The largest of GitHub's own examples of each event, in bytes."""

MATRIX = 256
"""Jobs of one workflow at most (GitHub's limit); the hooks of its organisation hear of each."""

OF_A_JOB = ("workflow_job", "check_run")


class Receivers:
    """The receivers' quotas, calls and bytes, as the template has them."""

    def __init__(self) -> None:
        self.clock, allotments = FakeClock(), InMemoryAllotments()

        def keeper(name: str, parameter: str) -> KeepQuota:
            quota = Quota(int(defaults()[parameter]))
            return KeepQuota(allotments=allotments, quota=quota, name=name, clock=self.clock)

        self.calls = [keeper("inbound", "InboundQuotaPerSecond") for _ in range(RECEIVERS)]
        self.sizes = [keeper("inbound-bytes", "InboundBytesPerSecond") for _ in range(RECEIVERS)]
        self.taken = 0

    def take(self, size: int) -> None:
        at = self.taken % RECEIVERS
        self.calls[at](TENANT)
        self.sizes[at](TENANT, size)
        self.taken += 1


def test_two_matrix_workflows_that_start_at_once_are_taken_whole() -> None:
    receivers = Receivers()
    for _ in range(2 * MATRIX):
        for event in OF_A_JOB:
            receivers.take(SIZES[event])
    assert receivers.taken == 1_024


def test_the_largest_pushes_of_a_busy_minute_are_taken() -> None:
    receivers = Receivers()
    for _ in range(6):
        for _ in range(8):
            receivers.take(5_000_000)
        receivers.clock.now += WINDOW
    assert receivers.taken == 48


def test_a_stranger_is_stopped_within_the_window_all_the_same() -> None:
    receivers = Receivers()

    def calls_without_end() -> None:
        while True:
            receivers.take(100)

    with pytest.raises(TooManyRequests):
        calls_without_end()
    assert receivers.taken <= 2_000 + RECEIVERS * 20
