"""Ends deliveries that wait on their webhook: too old, or the webhook is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from hookline.domain.delivery.changing import cancel, expire, too_old
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnItsWebhook, Status
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryLog
from hookline.services.delivery.give_up import GiveUp
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

_AT_ONCE = 100


class EndWaiting:
    """Works in bounded steps; what is left is there for the next round."""

    def __init__(
        self, *, waiting: WaitingDeliveries, log: DeliveryLog, give_up: GiveUp, clock: Clock
    ) -> None:
        self._waiting = waiting
        self._log = log
        self._give_up = give_up
        self._clock = clock

    def expire(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        has_time: Callable[[], bool],
        *,
        thorough: bool,
    ) -> int:
        """Fails what waits on the webhook past its age. Raises Unavailable.

        Thousands of those due longest are looked at, as they are mostly the oldest; ``thorough``
        looks at all, which costs a read of everything that waits.
        """
        spared: set[DeliveryKey] = set()
        ended = 0
        while has_time():
            now = self._clock()
            keys = self._waiting.due.expired_on_webhook(
                tenant, webhook_id, now, _AT_ONCE + len(spared), thorough=thorough
            )
            fresh = [key for key in keys if key not in spared][:_AT_ONCE]
            if not fresh:
                break
            old = [one for one in self._waiting.read(fresh) if _expired(one, now)]
            # What has an attempt to come all the same stays: it must not hide those behind it.
            spared |= set(fresh) - {one.key for one in old}
            changes = [Change(one, expire(one, now)) for one in old]
            # One message and one look at who subscribes for each would take most of the round.
            self._give_up.all_of([change.after for change in changes])
            ended += self._waiting.put(changes)
        return ended

    def cancel(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        has_time: Callable[[], bool],
        *,
        thorough: bool,
    ) -> int:
        """Cancels what waits on a deleted webhook; ``thorough``: all that its log shows as open.

        What is left of those ends when its message comes. Raises Unavailable.
        """
        ended = 0
        while has_time():
            keys = self._waiting.due.on_webhook(tenant, webhook_id, _AT_ONCE)
            some = self._cancelled(self._waiting.read(keys))
            if not some:
                break
            ended += some
        return ended + (self._cancel_logged(tenant, webhook_id, has_time) if thorough else 0)

    def _cancel_logged(
        self, tenant: TenantId, webhook_id: WebhookId, has_time: Callable[[], bool]
    ) -> int:
        ended = 0
        before: DeliveryId | None = None
        while has_time():
            page, before = self._log.page(
                tenant,
                webhook_id,
                _AT_ONCE,
                before=before,
                statuses=(Status.CREATED, Status.RETRYING),
            )
            ended += self._cancelled(self._waiting.read([delivery.key for delivery in page]))
            if before is None:
                break
        return ended

    def _cancelled(self, deliveries: Sequence[Delivery]) -> int:
        now = self._clock()
        return self._waiting.put(
            Change(one, cancel(one, now)) for one in deliveries if not one.status.ended
        )


def _expired(delivery: Delivery, now: datetime) -> bool:
    return isinstance(delivery.waiting, OnItsWebhook) and too_old(delivery, now)
