"""Releases deliveries that waited on a webhook that takes calls again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.domain.delivery.changing import postpone, release, resume
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnItsWebhook
from hookline.domain.webhook.health import (
    MOST_DRAINED_PER_MINUTE,
    Draining,
    Open,
    drain_allowance,
    drain_interval,
)
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.sending import RateLimits
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

if TYPE_CHECKING:
    from hookline.ports.webhooks import WebhookHealth

_LOG = logging.getLogger("hookline.release_once_enabled")

_AT_ONCE = 100
"""Also how many are released before an edit is answered; the scheduler releases the others."""

_SLOT_HORIZON = timedelta(seconds=90)
"""How far ahead slots of a rate limit are booked: certainly beyond the next round."""


class ReleaseWaiting:
    """Sends those that are due, oldest first, and schedules the others for their time."""

    def __init__(
        self, *, waiting: WaitingDeliveries, rate_limits: RateLimits, clock: Clock
    ) -> None:
        self._waiting = waiting
        self._rate_limits = rate_limits
        self._clock = clock

    def __call__(
        self,
        webhook: Webhook,
        allowance: int | None,
        has_time: Callable[[], bool],
        interval: timedelta = timedelta(0),
    ) -> int:
        """How many were released, ``allowance`` at most, their attempts an ``interval`` apart.

        Raises Unavailable.
        """
        most = MOST_DRAINED_PER_MINUTE if allowance is None else allowance
        begun, released = self._clock(), 0
        after: object | None = None
        while released < most and has_time():
            first = begun + released * interval
            limit = min(most - released, _AT_ONCE)
            page = self._waiting.due.on_webhook(webhook.tenant, webhook.id, limit, after)
            moved, all_of_them = self._some(webhook, page.keys, first, interval)
            released += moved
            after = page.after
            if after is None or not all_of_them:
                break
        return released

    def _some(
        self, webhook: Webhook, keys: Sequence[DeliveryKey], first: datetime, interval: timedelta
    ) -> tuple[int, bool]:
        """How many were released, and whether the rate limit had a slot for all that are due."""
        now = self._clock()
        held = [one for one in self._waiting.read(keys) if isinstance(one.waiting, OnItsWebhook)]
        due = [delivery for delivery in held if _due_at(delivery) <= now]
        later = (delivery for delivery in held if _due_at(delivery) > now)
        # Fewer slots than deliveries leave the rest waiting.
        times = self._times(webhook, len(due), now, first, interval)
        sent = zip(due, times, strict=False)
        changes = [
            *(_sent(delivery, at, now) for delivery, at in sent),
            *(Change(delivery, resume(delivery, now)) for delivery in later),
        ]
        limited = webhook.rate_limit_per_second is not None
        return self._waiting.put(changes, admitted=limited), len(times) == len(due)

    def _times(
        self, webhook: Webhook, wanted: int, now: datetime, first: datetime, interval: timedelta
    ) -> Sequence[datetime]:
        per_second = webhook.rate_limit_per_second
        if per_second is None or not wanted:
            return [max(now, first + number * interval) for number in range(wanted)]
        slots = self._rate_limits.book(
            webhook.tenant,
            webhook.id,
            wanted=wanted,
            per_second=per_second,
            now=now,
            horizon=_SLOT_HORIZON,
        )
        apart = timedelta(seconds=1 / per_second)
        return [slots.first + number * apart for number in range(slots.count)]


def _sent(delivery: Delivery, at: datetime, now: datetime) -> Change:
    after = release(delivery, now) if at <= now else postpone(delivery, at)
    return Change(delivery, after, at - now)


def _due_at(delivery: Delivery) -> datetime:
    return delivery.waiting.due_at if delivery.waiting else delivery.created_at


class ReleaseOnceEnabled:
    """Releases the first waiting deliveries of a webhook that was just switched on.

    While its circuit is open they go on waiting for a probe.
    """

    def __init__(
        self, *, health: WebhookHealth, release_waiting: ReleaseWaiting, clock: Clock
    ) -> None:
        self._health = health
        self._release_waiting = release_waiting
        self._clock = clock

    def __call__(self, webhook: Webhook) -> None:
        """Never raises: the webhook is on, and the scheduler releases within a minute."""
        try:
            (health,) = self._health.get_many([(webhook.tenant, webhook.id)])
            circuit = health.circuit
            allowance, interval = _AT_ONCE, timedelta(0)
            if isinstance(circuit, Draining):
                now = self._clock()
                allowance = min(drain_allowance(circuit, now), _AT_ONCE)
                interval = drain_interval(circuit, now)
            if not isinstance(circuit, Open):
                self._release_waiting(webhook, allowance, lambda: True, interval)
        except Unavailable:
            _LOG.warning("webhook.not_released", extra={"webhook": webhook.id}, exc_info=True)
