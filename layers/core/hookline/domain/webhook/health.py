"""A webhook's health and its circuit, which opens when the endpoint fails over and over.

While a circuit is open, deliveries wait in DynamoDB and take no place in a queue. Probes go out;
once one succeeds, the waiting deliveries are released at a growing rate.

The functions are pure: each takes a health record and returns the next one, None for no change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.lease import LEASE


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls go out at once."""


@dataclass(frozen=True, slots=True)
class Open:
    """Deliveries wait on their webhook; one probe goes out when ``next_probe_at`` has passed."""

    opened_at: datetime
    next_probe_at: datetime
    probe_interval: timedelta


@dataclass(frozen=True, slots=True)
class Draining:
    """A probe succeeded: what waits is released at a rate that grows from ``since`` on."""

    since: datetime


Circuit = Closed | Open | Draining

State = Literal["healthy", "failing", "circuit_open", "draining", "disabled"]

SLOW = timedelta(seconds=1)
"""An endpoint whose call takes this long is slow. Its first attempts then go through the retry
queue, where they may wait, so that the delivery queue's senders stay free for others."""

SLOW_FOR = timedelta(minutes=5)
"""It counts as slow for this long after such a call."""

_SLOW_TOLD_ANEW = timedelta(minutes=1)

OPENS_AFTER = 10
OVER_DELIVERIES = 3
"""So many failures in a row, over so many different deliveries, open the circuit (product rule):
one undeliverable event must not stop the others."""

FIRST_PROBE_INTERVAL = timedelta(seconds=30)
LONGEST_PROBE_INTERVAL = timedelta(minutes=5)

FIRST_DRAIN_PER_MINUTE = 60
MOST_DRAINED_PER_MINUTE = 5_000
"""Waiting deliveries are released at 60 in the first minute, doubling with each: an endpoint
that has just come up is not knocked over again. No webhook gets more than this of one round of
the scheduler, so that others get theirs; a million waiting deliveries are out after three and a
half hours."""

MARK_AGAIN_AFTER = LEASE / 3
"""Whoever has a delivery wait renews ``waiting_marked_at`` once it is this old. The mark is only
removed when it is older than a lease: by then such a delivery is in the index for sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One webhook's record, written when it changes state or fails: successes write nothing.

    ``failing_deliveries`` holds up to three of the deliveries that failed since the last success:
    the circuit opens only over several. ``has_waiting`` says that deliveries may wait on this
    webhook, so that the scheduler's rounds visit it. ``filter_failures`` counts events on which its
    current filter failed rather than said no, and ``filter_failure`` says why the last one did;
    under load some are not counted. ``slow_at`` is when a call was last known to be slow, to the
    minute. ``version`` fences changes of the circuit.
    """

    tenant: TenantId
    webhook_id: WebhookId
    consecutive_failures: int = 0
    failing_deliveries: frozenset[DeliveryId] = frozenset()
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    disabled_reason: str | None = None
    circuit: Circuit = Closed()
    has_waiting: bool = False
    waiting_marked_at: datetime | None = None
    slow_at: datetime | None = None
    filter_failures: int = 0
    filter_failure: str | None = None
    filter_failed_at: datetime | None = None
    version: int = 0

    def slow(self, now: datetime) -> bool:
        """Whether its endpoint was slow lately."""
        return self.slow_at is not None and now - self.slow_at < SLOW_FOR

    def slowness_is_news(self, now: datetime) -> bool:
        """Whether to write that it is slow: at most once a minute."""
        return self.slow_at is None or now - self.slow_at >= _SLOW_TOLD_ANEW


def state_of(health: Health, *, enabled: bool) -> State:
    """A webhook's health in one word."""
    if not enabled:
        return "disabled"
    match health.circuit:
        case Open():
            return "circuit_open"
        case Draining():
            return "draining"
        case Closed():
            return "failing" if health.consecutive_failures else "healthy"
        case _ as unreachable:
            assert_never(unreachable)


def opened(health: Health, now: datetime) -> Health | None:
    """Opens the circuit, even while draining, after enough failures in a row."""
    too_few = (
        health.consecutive_failures < OPENS_AFTER
        or len(health.failing_deliveries) < OVER_DELIVERIES
    )
    if isinstance(health.circuit, Open) or too_few:
        return None
    circuit = Open(now, now + FIRST_PROBE_INTERVAL, FIRST_PROBE_INTERVAL)
    return replace(health, circuit=circuit, has_waiting=True, waiting_marked_at=now)


def after_success(health: Health, started_at: datetime, now: datetime) -> Health | None:
    """Ends the run of failures.

    Draining begins with the success of an attempt that started after the circuit opened.
    """
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
    """A probe is about to be sent: the next may follow after the interval, which then doubles."""
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
    """Whether a probe released then may still be sent: only until the next one is due."""
    if now < released_at + FIRST_PROBE_INTERVAL:
        # No interval is shorter, and the circuit may have been read before this probe was sent.
        return True
    interval = circuit.probe_interval
    waited = interval if interval >= LONGEST_PROBE_INTERVAL else interval / 2
    followed = circuit.next_probe_at > released_at + waited
    return not followed and now < circuit.next_probe_at


def drain_allowance(draining: Draining, now: datetime) -> int:
    """How many waiting deliveries may be released in the minute that begins at ``now``."""
    minutes = max(0, int((now - draining.since) / timedelta(minutes=1)))
    # Bounded before taking the power: a circuit may drain for days.
    return min(FIRST_DRAIN_PER_MINUTE << min(minutes, 20), MOST_DRAINED_PER_MINUTE)


def drain_interval(draining: Draining, now: datetime) -> timedelta:
    """The time between two of them: spread evenly over that minute."""
    return timedelta(minutes=1) / drain_allowance(draining, now)


def mark_waiting(health: Health, now: datetime) -> Health | None:
    """Marks that deliveries may wait on the webhook, unless the mark is fresh."""
    fresh = (
        health.waiting_marked_at is not None and now - health.waiting_marked_at < MARK_AGAIN_AFTER
    )
    return (
        None
        if health.has_waiting and fresh
        else replace(health, has_waiting=True, waiting_marked_at=now)
    )


def nothing_waits(health: Health, now: datetime) -> Health | None:
    """The index shows nothing waiting: draining ends, and rounds skip the webhook.

    None while that may be wrong, since somebody may be about to write a delivery that waits.
    """
    return None if isinstance(health.circuit, Open) else forgotten(health, now)


def forgotten(health: Health, now: datetime) -> Health | None:
    """The same for a deleted webhook: its circuit will never be probed again."""
    if health.waiting_marked_at is not None and now - health.waiting_marked_at < LEASE:
        return None
    return replace(health, circuit=Closed(), has_waiting=False, waiting_marked_at=None)
