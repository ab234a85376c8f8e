"""A delivery as its owner reads it: with its attempts, and the bodies that the log left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hookline.domain.delivery.delivery import Attempt, Delivery, DeliveryKey
from hookline.domain.request.attempt_record import with_default_body
from hookline.errors import NotFound
from hookline.ports.deliveries import DeliveryChanges, DeliveryLog
from hookline.ports.events import Events


class ReadDelivery:
    """Reads the event too, but only where an attempt needs it to show what was sent."""

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
