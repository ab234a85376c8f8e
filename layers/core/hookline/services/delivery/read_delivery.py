"""A delivery as its owner reads it: with its attempts, and bodies that the log left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hookline.domain.delivery.delivery import Attempt, Delivery, DeliveryKey, OnItsWebhook
from hookline.domain.delivery.next_attempt import held_by, next_attempt_of
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.request.attempt_record import with_default_body
from hookline.domain.webhook.health import Circuit
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import NotFound
from hookline.ports.deliveries import DeliveryChanges, DeliveryLog
from hookline.ports.events import Events
from hookline.ports.webhooks import WebhookHealth, Webhooks


class ReadDelivery:
    """Reads the event only if an attempt needs it to show what was sent."""

    def __init__(self, *, deliveries: DeliveryChanges, log: DeliveryLog, events: Events) -> None:
        self._deliveries = deliveries
        self._log = log
        self._events = events

    def __call__(self, key: DeliveryKey, attempts: int) -> tuple[Delivery, Sequence[Attempt]]:
        """The delivery and its last ``attempts``, in order. Raises NotFound and Unavailable."""
        delivery = self._deliveries.get(key)
        if delivery is None:
            raise NotFound
        made = self._log.attempts(delivery, attempts)
        if not any(attempt.request.default_body for attempt in made):
            return delivery, made
        event = self._events.get(key.tenant, delivery.event_id)
        return delivery, [
            replace(attempt, request=with_default_body(attempt.request, event, delivery))
            for attempt in made
        ]


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was accepted."""


class ReadableLogs:
    """Tells an empty log from one that never existed. Use it only for logs that look empty."""

    def __init__(self, *, webhooks: Webhooks, log: DeliveryLog, events: Events) -> None:
        self._webhooks = webhooks
        self._log = log
        self._events = events

    def between(
        self,
        tenant: TenantId,
        event_id: EventId | None,
        since: datetime | None,
        until: datetime | None,
    ) -> tuple[datetime | None, datetime | None]:
        """The time range of a log to read: an event's deliveries date from its acceptance."""
        if event_id is None:
            return since, until
        event = self._events.get(tenant, event_id)
        at = _NEVER if event is None else event.accepted_at
        after = at + timedelta(milliseconds=1)
        return max(at, since or at), min(after, until or after)

    def must_exist(self, tenant: TenantId, webhook_id: WebhookId) -> None:
        """Raises NotFound if neither the webhook nor any delivery of it exists."""
        if self._webhooks.get(tenant, webhook_id) is not None:
            return
        found, goes_on = self._log.page(tenant, webhook_id, 1)
        if not found and goes_on is None:
            raise NotFound


class ShowNextAttempts:
    """Reads nothing unless a delivery waits on its webhook.

    Then it reads the health of all such webhooks at once, and each of these webhooks.
    """

    def __init__(self, *, webhooks: Webhooks, health: WebhookHealth) -> None:
        self._webhooks = webhooks
        self._health = health

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """In the same order. Raises Unavailable."""
        keys = list(
            dict.fromkeys(
                (one.key.tenant, one.key.webhook_id)
                for one in deliveries
                if isinstance(one.waiting, OnItsWebhook)
            )
        )
        if not keys:
            return deliveries
        stands = {
            key: (self._webhooks.get(*key), health.circuit)
            for key, health in zip(keys, self._health.get_many(keys), strict=True)
        }
        return [_as_it_stands(one, stands) for one in deliveries]


def _as_it_stands(
    delivery: Delivery, stands: Mapping[tuple[TenantId, WebhookId], tuple[Webhook | None, Circuit]]
) -> Delivery:
    on = stands.get((delivery.key.tenant, delivery.key.webhook_id))
    if on is None:
        return delivery
    if not isinstance(delivery.waiting, OnItsWebhook):
        return delivery
    return replace(delivery, next_attempt_at=next_attempt_of(delivery, *on), spaced_by=held_by(*on))
