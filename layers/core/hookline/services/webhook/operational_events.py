"""The platform's own events, for whoever subscribes to them by name or as ``hookline.*``.

They are accepted like any other event, under ids that derive from what they report: reporting it
again after a crash makes no second event. Nothing is reported about deliveries of operational
events.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.delivery.delivery import Delivery
from hookline.domain.event.event import RESERVED_PREFIX, Event
from hookline.domain.event.patterns import patterns_for
from hookline.domain.ids import EventId, TenantId
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.ports.events import Events
    from hookline.ports.webhooks import Subscriptions


_LOG = logging.getLogger("hookline.api")

type Announce = Callable[[Webhook, datetime], None]
"""Accepts an operational event about the webhook. Raises Unavailable."""

_KNOWN_FOR = timedelta(seconds=60)
_KNOWN_PAIRS = 1_000


class OperationalEvents:
    """Reports what happened to webhooks and deliveries. Every method raises Unavailable.

    That a type has subscribers is remembered for a minute: an event too many matches nobody. That
    it has none is looked up each time, with three small reads, so that a new subscription misses
    nothing. Safe to share between threads.
    """

    def __init__(self, *, events: Events, subscriptions: Subscriptions, clock: Clock) -> None:
        self._events = events
        self._subscriptions = subscriptions
        self._clock = clock
        self._subscribed: BoundedCache[tuple[TenantId, str], bool] = BoundedCache(
            size=_KNOWN_PAIRS, lifetime=_KNOWN_FOR, clock=clock
        )

    def created(self, webhook: Webhook, at: datetime) -> None:
        """``hookline.webhook.created``."""
        self._tell_of_webhook("webhook.created", webhook, at)

    def updated(self, webhook: Webhook, at: datetime) -> None:
        """``hookline.webhook.updated``."""
        self._tell_of_webhook("webhook.updated", webhook, at)

    def deleted(self, webhook: Webhook, at: datetime) -> None:
        """``hookline.webhook.deleted``."""
        self._tell_of_webhook("webhook.deleted", webhook, at)

    def disabled(self, webhook: Webhook, reason: str, at: datetime) -> None:
        """``hookline.webhook.disabled``: by the platform, for ``reason``."""
        self._tell_of_webhook("webhook.disabled", webhook, at, {"reason": reason})

    def circuit_opened(self, health: Health) -> None:
        """``hookline.webhook.circuit_opened``; ``health`` as it was before."""
        self._tell_of_circuit("webhook.circuit_opened", health)

    def circuit_closed(self, health: Health) -> None:
        """``hookline.webhook.circuit_closed``: calls go out again; ``health`` as before."""
        self._tell_of_circuit("webhook.circuit_closed", health)

    def deliveries_failed(self, deliveries: Sequence[Delivery]) -> None:
        """``hookline.delivery.failed``, once for each generation that failed.

        Subscribers are looked up once for all deliveries of a tenant.
        """
        name = "delivery.failed"
        tenants = {one.key.tenant for one in deliveries if not _is_operational(one)}
        asked = {each for each in tenants if self._anybody_subscribes(each, RESERVED_PREFIX + name)}
        for delivery in deliveries:
            if delivery.key.tenant in asked and not _is_operational(delivery):
                self._tell_of_failed(name, delivery)

    def _tell_of_failed(self, name: str, delivery: Delivery) -> None:
        data = {
            "delivery_id": delivery.key.id,
            "webhook_id": delivery.key.webhook_id,
            "event_id": delivery.event_id,
            "event_type": delivery.event_type,
            "attempt_count": delivery.attempt_count,
            "reason": delivery.failure_reason,
        }
        parts = (delivery.key.id, str(delivery.generation))
        self._accept(delivery.key.tenant, RESERVED_PREFIX + name, parts, data)

    def _tell_of_webhook(
        self, name: str, webhook: Webhook, at: datetime, more: Mapping[str, object] | None = None
    ) -> None:
        data = {
            "webhook_id": webhook.id,
            "name": webhook.name,
            "version": webhook.version,
            "enabled": webhook.enabled,
            **(more or {}),
        }
        self._tell(webhook.tenant, name, (webhook.id, str(webhook.version)), data, at)

    def _tell_of_circuit(self, name: str, health: Health) -> None:
        data = {
            "webhook_id": health.webhook_id,
            "consecutive_failures": health.consecutive_failures,
        }
        # By version, not time: of several senders that see it open, one is heard.
        self._tell(health.tenant, name, (health.webhook_id, str(health.version)), data)

    def _tell(
        self,
        tenant: TenantId,
        name: str,
        parts: tuple[str, ...],
        data: Mapping[str, object],
        at: datetime | None = None,
    ) -> None:
        if self._anybody_subscribes(tenant, RESERVED_PREFIX + name):
            self._accept(tenant, RESERVED_PREFIX + name, parts, data, at)

    def _accept(
        self,
        tenant: TenantId,
        event_type: str,
        parts: tuple[str, ...],
        data: Mapping[str, object],
        at: datetime | None = None,
    ) -> None:
        now = floor_to_millis(self._clock())
        digest = hashlib.sha256("/".join((event_type, *parts)).encode()).hexdigest()
        self._events.accept(
            Event(
                tenant=tenant,
                id=EventId(f"op_{digest[:40]}"),
                type=event_type,
                accepted_at=now,
                occurred_at=floor_to_millis(at or now),
                entity_id=str(data["webhook_id"]),
                entity_type="webhook",
                data=dict(data),
            )
        )

    def _anybody_subscribes(self, tenant: TenantId, event_type: str) -> bool:
        if self._subscribed.get((tenant, event_type)):
            return True
        found = bool(self._subscriptions.under(tenant, patterns_for(event_type)))
        if found:
            self._subscribed.put((tenant, event_type), True)
        return found


def _is_operational(delivery: Delivery) -> bool:
    return delivery.event_type.startswith(RESERVED_PREFIX)


def tell_of_edit(announce: Announce, webhook: Webhook, at: datetime) -> None:
    """Announces an edit; logs a failure, since the edit itself has succeeded."""
    try:
        announce(webhook, at)
    except Unavailable:
        _LOG.warning("webhook.not_announced", extra={"webhook": webhook.id}, exc_info=True)
