"""Sends a sample event to one webhook, marked as a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from hookline.domain.delivery.delivery import Delivery, OnTheClock
from hookline.domain.delivery.tasks import task_of
from hookline.domain.event.catalogue import EventType
from hookline.domain.event.event import RESERVED_PREFIX, Event
from hookline.domain.event.rules import event_of
from hookline.domain.fan_out.fan_out import FanOut, Match, delivery_of
from hookline.domain.ids import EventId, TenantId, WebhookId, new_id
from hookline.domain.lease import LEASE
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.fields import TestFields
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.deliveries import NewDeliveries
from hookline.ports.events import Events
from hookline.ports.sending import FirstAttempts
from hookline.ports.webhooks import Webhooks

DEFAULT_TYPE = "test"
"""The sample's type for a webhook that subscribes to no exact type."""


class Catalogue(Protocol):
    """The tenant's event types, one of whose examples may be used."""

    def get(self, tenant: TenantId, event_type: str) -> EventType | None:
        """The entry of a type."""
        ...


class SendTest:
    """Creates the delivery first, so that it can be shown at once and is never lost.

    It is watched from the start: if this process dies before sending the message, the scheduler
    sends it one lease later; if the event was never accepted, the delivery then fails.
    """

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        event_types: Catalogue,
        events: Events,
        deliveries: NewDeliveries,
        first_attempts: FirstAttempts,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._webhooks = webhooks
        self._event_types = event_types
        self._events = events
        self._deliveries = deliveries
        self._first_attempts = first_attempts
        self._clock = clock
        self._randomness = randomness

    def __call__(
        self, tenant: TenantId, webhook_id: WebhookId, document: Mapping[str, object]
    ) -> Delivery:
        """``document`` may have ``type`` and ``data``.

        Raises NotFound, Rejected, TooLarge, Conflict while the webhook is off, and Unavailable.
        """
        webhook = self._webhooks.get(tenant, webhook_id)
        if webhook is None:
            raise NotFound
        event = self._event(webhook, document)
        if not webhook.enabled:
            raise Conflict("The webhook is off. Switch it on to test it.", "webhook_off")
        delivery = _delivery_of(event, webhook)
        self._deliveries.create([delivery])
        self._events.accept(event)
        self._first_attempts.send([task_of(delivery)])
        return delivery

    def _event(self, webhook: Webhook, document: Mapping[str, object]) -> Event:
        now = floor_to_millis(self._clock())
        given = TestFields.of(document)
        sample = {"type": given.type or _exact_type(webhook), "data": given.data}
        fresh_id = EventId(new_id("evt", now, self._randomness(10)))
        event = event_of(sample, webhook.tenant, now, fresh_id)
        data = self._example(webhook.tenant, event.type) if event.data is None else event.data
        return replace(event, data=data, target=webhook.id, test=True)

    def _example(self, tenant: TenantId, event_type: str) -> object:
        """The catalogue's example, if there is one."""
        known = self._event_types.get(tenant, event_type)
        if known is not None and known.example is not None:
            return known.example
        return {"message": "This is a test of a webhook."}


def _exact_type(webhook: Webhook) -> str:
    exact = (one for one in webhook.events if not one.endswith("*"))
    return next((one for one in exact if not one.startswith(RESERVED_PREFIX)), DEFAULT_TYPE)


def _delivery_of(event: Event, webhook: Webhook) -> Delivery:
    """The same delivery that the event's fan-out would create."""
    match = Match(webhook.id, webhook.retry.max_age)
    fan_out = FanOut(
        tenant=event.tenant,
        event_id=event.id,
        event_type=event.type,
        accepted_at=event.accepted_at,
        claim="",
        claimed_at=event.accepted_at,
        matches=(match,),
        matched_count=1,
        test=True,
    )
    waiting = OnTheClock(event.accepted_at + LEASE)
    return replace(delivery_of(fan_out, match), waiting=waiting)
