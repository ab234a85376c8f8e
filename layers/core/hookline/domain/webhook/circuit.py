"""A webhook's circuit: opens when the endpoint fails over and over, lets probes out, then drains.

While it is open its deliveries wait on their webhook, in DynamoDB, and cost no queue slot. All of
this is pure: each function takes a health record and gives the one after, None for no change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Closed, Draining, Health, Open

OPENS_AFTER = 10
OVER_DELIVERIES = 3
"""Failures in a row, and different deliveries among them (product rule): one undeliverable event
alone does not stop the others."""

FIRST_PROBE_INTERVAL = timedelta(seconds=30)
LONGEST_PROBE_INTERVAL = timedelta(minutes=5)

FIRST_DRAIN_PER_MINUTE = 60
MOST_DRAINED_PER_MINUTE = 5_000
"""What waits is released at 60 in the first minute, doubling with each: an endpoint that has just
come up is not knocked down again. No webhook gets more of a round of the scheduler than this: the
others have theirs, and a million waiting deliveries are out after three hours and a half."""

MARK_AGAIN_AFTER = LEASE / 3
"""How often whoever lets a delivery wait on its webhook renews ``waiting_marked_at``. Anything
written under a mark younger than a lease is seen before the webhook counts as having none."""


def opened(health: Health, now: datetime) -> Health | None:
    """The circuit opens when the row of failures is long enough; a draining one does too."""
    too_few = (
        health.consecutive_failures < OPENS_AFTER
        or len(health.failing_deliveries) < OVER_DELIVERIES
    )
    if isinstance(health.circuit, Open) or too_few:
        return None
    circuit = Open(now, now + FIRST_PROBE_INTERVAL, FIRST_PROBE_INTERVAL)
    return replace(health, circuit=circuit, has_waiting=True, waiting_marked_at=now)


def after_success(health: Health, started_at: datetime, now: datetime) -> Health | None:
    """The row of failures ends. An attempt begun since the circuit opened starts the draining."""
    circuit = health.circuit
    recovers = isinstance(circuit, Open) and started_at >= circuit.opened_at
    if not recovers and not health.consecutive_failures:
        return None
    return replace(
        health,
        consecutive_failures=0,
        failing_deliveries=frozenset(),
        last_success_at=now,
        circuit=Draining(now) if recovers else circuit,
    )


def probed(health: Health, now: datetime) -> Health:
    """A probe is about to go out: the next one may after an interval, which doubles."""
    circuit = health.circuit
    if not isinstance(circuit, Open):
        raise TypeError("only an open circuit is probed")
    return replace(
        health,
        circuit=replace(
            circuit,
            next_probe_at=now + circuit.probe_interval,
            probe_interval=min(circuit.probe_interval * 2, LONGEST_PROBE_INTERVAL),
        ),
    )


def still_probes(circuit: Open, released_at: datetime, now: datetime) -> bool:
    """Whether a probe that was released then may go out now: it may until the next one may."""
    if now < released_at + FIRST_PROBE_INTERVAL:
        # No interval is shorter, and what was read of the circuit may be older than this probe.
        return True
    interval = circuit.probe_interval
    waited = interval if interval >= LONGEST_PROBE_INTERVAL else interval / 2
    followed = circuit.next_probe_at > released_at + waited
    return not followed and now < circuit.next_probe_at


def drain_allowance(draining: Draining, now: datetime) -> int:
    """How many waiting deliveries may be released in the minute that begins at ``now``."""
    minutes = max(0, int((now - draining.since) / timedelta(minutes=1)))
    # Bounded before the power is taken: a circuit may drain for days.
    return min(FIRST_DRAIN_PER_MINUTE << min(minutes, 20), MOST_DRAINED_PER_MINUTE)


def drain_interval(draining: Draining, now: datetime) -> timedelta:
    """How far apart they are to be attempted: evenly over that minute."""
    return timedelta(minutes=1) / drain_allowance(draining, now)


def mark_waiting(health: Health, now: datetime) -> Health | None:
    """Marks that deliveries may wait on the webhook, unless that is marked freshly enough."""
    fresh = (
        health.waiting_marked_at is not None and now - health.waiting_marked_at < MARK_AGAIN_AFTER
    )
    return (
        None
        if health.has_waiting and fresh
        else replace(health, has_waiting=True, waiting_marked_at=now)
    )


def nothing_waits(health: Health, now: datetime) -> Health | None:
    """The index shows nothing waiting: a draining circuit closes, and rounds pass it over.

    None while that may still be wrong: somebody may just be writing a delivery that waits.
    """
    return None if isinstance(health.circuit, Open) else forgotten(health, now)


def forgotten(health: Health, now: datetime) -> Health | None:
    """The same for a deleted webhook, whose circuit will never be probed again."""
    if health.waiting_marked_at is not None and now - health.waiting_marked_at < LEASE:
        return None
    return replace(health, circuit=Closed(), has_waiting=False, waiting_marked_at=None)
