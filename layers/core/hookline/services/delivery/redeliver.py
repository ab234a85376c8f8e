"""A user's acts on one delivery: retry it now, or cancel it (reference row AP-7)."""

from __future__ import annotations

from collections.abc import Callable

from hookline.domain.delivery.changing import cancel, retry_now
from hookline.domain.delivery.delivery import Delivery, DeliveryKey
from hookline.domain.delivery.tasks import task_of
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryChanges, Outrun
from hookline.ports.events import Events
from hookline.ports.sending import FirstAttempts
from hookline.ports.webhooks import Webhooks

_TRIES = 5
"""A delivery changes at most a few times a minute: losing so often means a fault."""


class RetryDelivery:
    """Makes one attempt now, in a new generation: older messages have no effect any more.

    The new generation is written first and watched: if its message gets lost, or this process dies
    before sending it, the scheduler sends it one lease later.
    """

    def __init__(
        self,
        *,
        changes: DeliveryChanges,
        webhooks: Webhooks,
        events: Events,
        first_attempts: FirstAttempts,
        clock: Clock,
    ) -> None:
        self._changes = changes
        self._webhooks = webhooks
        self._events = events
        self._first_attempts = first_attempts
        self._clock = clock

    def __call__(self, key: DeliveryKey) -> Delivery:
        """The delivery afterwards.

        Raises NotFound, and Conflict while the webhook is off or the event has expired.
        """
        after = _changed(self._changes, key, self._retried)
        self._first_attempts.send([task_of(after)])
        return after

    def _retried(self, delivery: Delivery) -> Delivery:
        self._check(delivery)
        return retry_now(delivery, floor_to_millis(self._clock()))

    def _check(self, delivery: Delivery) -> None:
        tenant = delivery.key.tenant
        webhook = self._webhooks.get(tenant, delivery.key.webhook_id)
        if webhook is None:
            raise Conflict("The webhook is deleted.", "webhook_deleted")
        if not webhook.enabled:
            raise Conflict(
                "The webhook is off. Switch it on to retry its deliveries.", "webhook_off"
            )
        if self._events.get(tenant, delivery.event_id) is None:
            raise Conflict("The event has expired.", "event_expired")


class CancelDelivery:
    """Cancels a delivery. An attempt under way is recorded when it ends; nothing follows."""

    def __init__(self, *, changes: DeliveryChanges, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    def __call__(self, key: DeliveryKey) -> Delivery:
        """The cancelled delivery. Raises NotFound, and Conflict once it has ended."""
        return _changed(self._changes, key, self._cancelled)

    def _cancelled(self, delivery: Delivery) -> Delivery:
        if delivery.status.ended:
            raise Conflict(f"The delivery has ended: {delivery.status}.", "delivery_ended")
        return cancel(delivery, floor_to_millis(self._clock()))


def _changed(
    changes: DeliveryChanges, key: DeliveryKey, change: Callable[[Delivery], Delivery]
) -> Delivery:
    """Applies ``change`` to the stored delivery. Raises NotFound and Conflict."""
    delivery = changes.get(key)
    for _ in range(_TRIES):
        if delivery is None:
            raise NotFound
        after = change(delivery)
        result = changes.replace(delivery, after)
        if not isinstance(result, Outrun):
            return after
        delivery = result.current
    raise Conflict("The delivery is changing. Try again.", "edit_conflict")
