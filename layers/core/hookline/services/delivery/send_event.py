"""Sends a stored event to a webhook, whether or not it subscribes to it."""

from __future__ import annotations

from datetime import datetime

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnTheClock, Status
from hookline.domain.delivery.tasks import task_of
from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId, WebhookId, delivery_id
from hookline.domain.lease import LEASE
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryChanges, NewDeliveries
from hookline.ports.events import Events
from hookline.ports.sending import FirstAttempts
from hookline.ports.webhooks import Webhooks
from hookline.services.delivery.redeliver import RetryDelivery


class SendEvent:
    """Makes the delivery that the event's fan-out would make; if it exists, retries it.

    It is watched from the start, as a test's is: no crash loses it.
    """

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        events: Events,
        changes: DeliveryChanges,
        deliveries: NewDeliveries,
        retry: RetryDelivery,
        first_attempts: FirstAttempts,
        clock: Clock,
    ) -> None:
        self._webhooks = webhooks
        self._events = events
        self._changes = changes
        self._deliveries = deliveries
        self._retry = retry
        self._first_attempts = first_attempts
        self._clock = clock

    def __call__(self, tenant: TenantId, webhook_id: WebhookId, event_id: EventId) -> Delivery:
        """Raises NotFound, Rejected for an unknown event, Conflict while the webhook is off."""
        webhook = self._webhooks.get(tenant, webhook_id)
        if webhook is None:
            raise NotFound
        event = self._events.get(tenant, event_id)
        if event is None:
            raise Rejected([FieldError("event_id", "names no event that is still kept")])
        if not webhook.enabled:
            raise Conflict("The webhook is off. Switch it on to send to it.", "webhook_off")
        now = floor_to_millis(self._clock())
        delivery = _delivery_of(event, webhook, now)
        if self._changes.get(delivery.key) is not None:
            return self._retry(delivery.key)
        self._deliveries.create([delivery])
        self._first_attempts.send([task_of(delivery)])
        return delivery


def _delivery_of(event: Event, webhook: Webhook, now: datetime) -> Delivery:
    """It ages from now on, though its id and place in the log date from the event's acceptance."""
    made = delivery_id(event.tenant, event.id, webhook.id, event.accepted_at)
    feature = event.feature
    activation = None
    if feature is not None:
        activation = activation_of(feature, webhook.context, webhook.user, now).as_plain()
    return Delivery(
        key=DeliveryKey(event.tenant, webhook.id, made),
        event_id=event.id,
        event_type=event.type,
        status=Status.CREATED,
        created_at=event.accepted_at,
        expires_at=now + webhook.retry.max_age,
        test=event.test,
        trigger="retry",
        activation=activation,
        waiting=OnTheClock(now + LEASE),
    )
