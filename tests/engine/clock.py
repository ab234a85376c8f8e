"""Time, as a test tells it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.builders import NOW


class FakeClock:
    """A `Clock` that stands still until it is advanced."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


def not_expired(since: datetime, retention: timedelta, now: datetime) -> bool:
    """What DynamoDB's TTL attribute, in whole seconds, says of an item."""
    return (since + retention).replace(microsecond=0) > now
