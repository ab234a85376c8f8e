"""What a recording holds, for processes that shall not load moto."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.meter import Bill
from bench.replay import Answers

DELIVERIES = 100
"""Of one recording: one to one they are what the stream hands over at once."""

BATCH = 10


@dataclass(slots=True)
class Recording:
    """A stack in which every event goes to ``webhooks`` endpoints.

    The bills are of all its events and their deliveries, each function's batches full.
    """

    webhooks: int
    environment: dict[str, str]
    answers: Answers
    publish_request: dict[str, Any]
    stream_records: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    published: Bill
    fanned_out: Bill
    sent: Bill
    logged_bytes: dict[str, int]
    """What was written to the log: for all events by the API and fan-out, and by the sender for the
    deliveries of one invocation under load."""

    @property
    def deliveries(self) -> int:
        """Of all the events together."""
        return self.events * self.webhooks

    @property
    def events(self) -> int:
        """Each was published once."""
        return len(self.stream_records)
