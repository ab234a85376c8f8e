"""What a batch of attempts says about each webhook's health, in as few writes as possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Protocol

from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.webhook.health import Closed, Health, Open, after_success, mark_waiting, opened
from hookline.errors import Unavailable
from hookline.ports.webhooks import WebhookHealth

_TRIES = 5


class TellCircuit(Protocol):
    """`hookline.services.webhook.operational_events.OperationalEvents`."""

    def circuit_opened(self, health: Health) -> None:
        """``health`` is how it stood before."""
        ...

    def circuit_closed(self, health: Health) -> None:
        """``health`` is how it stood before."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of one attempt."""

    delivery_id: DeliveryId
    succeeded: bool
    started_at: datetime
    ended_at: datetime


class WebhookWatch:
    """One webhook's health as seen by one batch; shared by its threads.

    Successes in a row write nothing. Failures are counted and written once per report; a success
    ends the row before it.
    """

    def __init__(self, health: Health, store: WebhookHealth, tell: TellCircuit) -> None:
        self._health = health
        self._store = store
        self._tell = tell
        self._seen: list[Seen] = []
        self._lock = Lock()
        self._slowness_told = False
        self.changed = False
        """Set once this batch changed the webhook: what was read of it is out of date."""

    @property
    def health(self) -> Health:
        """The last known health."""
        return self._health

    @property
    def troubled(self) -> bool:
        """Whether it may be failing: then only a few calls run at a time."""
        return bool(self._health.consecutive_failures) or self._health.circuit != Closed()

    @property
    def has_news(self) -> bool:
        """Whether a report would write anything."""
        return bool(self._seen)

    def turns_slow(self, now: datetime) -> bool:
        """A call takes long; returns whether to tell the others, which is done once."""
        news = not self._slowness_told and self._health.slowness_is_news(now)
        self._slowness_told = True
        return news

    def mark_slow(self, now: datetime) -> None:
        """Marks it as slow for every sender. Raises Unavailable."""
        self._store.mark_slow(self._health.tenant, self._health.webhook_id, now)

    def saw(self, seen: Seen) -> None:
        """Notes a result for the next report."""
        with self._lock:
            self._seen.append(seen)

    def report(self, now: datetime) -> None:
        """Writes what was seen since the last report. Raises Unavailable."""
        with self._lock:
            seen = sorted(self._seen, key=lambda one: one.ended_at)
            self._seen = []
            successes = [number for number, one in enumerate(seen) if one.succeeded]
            if successes:
                started_at = max(seen[number].started_at for number in successes)
                self._change(lambda health: after_success(health, started_at, now))
            row = seen[successes[-1] + 1 :] if successes else seen
            if row:
                self._health = self._store.add_failures(
                    self._health.tenant,
                    self._health.webhook_id,
                    [one.delivery_id for one in row],
                    row[-1].ended_at,
                )
                self._change(lambda health: opened(health, now))

    def mark_waiting(self, now: datetime) -> None:
        """Makes the scheduler's rounds visit the webhook, before a delivery waits on it."""
        with self._lock:
            self._change(lambda health: mark_waiting(health, now))

    def _change(self, change: Callable[[Health], Health | None]) -> None:
        self._health = _changed(self._store, self._health, change, self._tell_of)

    def _tell_of(self, before: Health, after: Health) -> None:
        was, becomes = isinstance(before.circuit, Open), isinstance(after.circuit, Open)
        if becomes and not was:
            self._tell.circuit_opened(before)
        if was and not becomes:
            self._tell.circuit_closed(before)


def change_health(
    store: WebhookHealth,
    tenant: TenantId,
    webhook_id: WebhookId,
    change: Callable[[Health], Health | None],
) -> None:
    """Applies ``change`` to the stored health; None for no change.

    The sender and the scheduler change it too: if one of them was first, the change is applied
    again to what is stored then. Raises Unavailable.
    """
    (health,) = store.get_many([(tenant, webhook_id)])
    _changed(store, health, change)


def _changed(
    store: WebhookHealth,
    health: Health,
    change: Callable[[Health], Health | None],
    tell: Callable[[Health, Health], None] = lambda _before, _after: None,
) -> Health:
    """The health after ``change``; calls ``tell`` before each write."""
    for _ in range(_TRIES):
        after = change(health)
        if after is None:
            return health
        tell(health, after)
        if store.replace(health, after):
            return replace(after, version=health.version + 1)
        (health,) = store.get_many([(health.tenant, health.webhook_id)])
    raise Unavailable("the webhook's health keeps changing")
