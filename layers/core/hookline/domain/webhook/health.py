"""How a webhook's endpoint is doing, apart from its configuration, and the state of its circuit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from hookline.domain.ids import DeliveryId, TenantId, WebhookId


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls go out as they come."""


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
"""An endpoint whose call takes so long is slow. Its first attempts are then made by the senders of
the retry queue, which may wait; those of the delivery queue are for the others."""

SLOW_FOR = timedelta(minutes=5)
"""How long it counts as slow after that."""

_SLOW_TOLD_ANEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One webhook's record, written when it changes state or fails: successes in a row write none.

    ``failing_deliveries`` holds up to three of those that failed in the current row: the circuit
    opens over several, so that one undeliverable event does not stop the others.
    ``has_waiting`` says that deliveries may wait on this webhook: the scheduler's rounds come by.
    ``filter_failures`` counts events on which its filter, as it stands, failed rather than said no;
    ``filter_failure`` says why the last of them did. Under load some are not counted.
    ``slow_at`` is when a call was last known to take long, to the minute.
    ``version`` fences changes of the circuit.
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
        """Whether its endpoint has been slow lately."""
        return self.slow_at is not None and now - self.slow_at < SLOW_FOR

    def slowness_is_news(self, now: datetime) -> bool:
        """Whether everybody is to be told that it is slow: at most once a minute."""
        return self.slow_at is None or now - self.slow_at >= _SLOW_TOLD_ANEW


def state_of(health: Health, *, enabled: bool) -> State:
    """How a webhook is doing, in one word."""
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
