"""Ends deliveries that wait on their webhook: too old, or the webhook is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import batched

from hookline.domain.delivery.changing import cancel, expire, too_old
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnItsWebhook, Status
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.webhook.webhook import Webhook
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryLog
from hookline.services.delivery.give_up import GiveUp
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

_AT_ONCE = 100


class EndWaiting:
    """Works in bounded steps; the rest is left to the next round."""

    def __init__(
        self, *, waiting: WaitingDeliveries, log: DeliveryLog, give_up: GiveUp, clock: Clock
    ) -> None:
        self._waiting = waiting
        self._log = log
        self._give_up = give_up
        self._clock = clock

    def expire(self, webhook: Webhook, has_time: Callable[[], bool], *, thorough: bool) -> int:
        """Fails the deliveries of the webhook that are past their age. Raises Unavailable.

        It looks at thousands of those due longest, which are mostly the oldest, and goes on while
        it finds any; ``thorough`` reads everything that waits.
        """
        ended = 0
        after: object | None = None
        while has_time():
            now = self._clock()
            page = self._waiting.due.expired_on_webhook(webhook.tenant, webhook.id, now, after)
            some = 0
            for keys in batched(page.keys, _AT_ONCE, strict=False):
                if not has_time():
                    break
                some += self._expired(webhook, keys, now)
            ended += some
            after = page.after
            if after is None or not (some or thorough):
                break
        return ended

    def _expired(self, webhook: Webhook, keys: Sequence[DeliveryKey], now: datetime) -> int:
        old = [one for one in self._waiting.read(keys) if _past_its_age(one, webhook, now)]
        changes = [Change(one, expire(one, now)) for one in old]
        # All at once: a message and a look-up of subscribers for each would take too long.
        self._give_up.all_of([change.after for change in changes])
        return self._waiting.put(changes)

    def cancel(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        has_time: Callable[[], bool],
        *,
        thorough: bool,
    ) -> int:
        """Cancels what waits on a deleted webhook; ``thorough``: all open deliveries of its log.

        The others end when their messages arrive. Raises Unavailable.
        """
        ended = 0
        after: object | None = None
        while has_time():
            page = self._waiting.due.on_webhook(tenant, webhook_id, _AT_ONCE, after)
            ended += self._cancelled(self._waiting.read(page.keys))
            after = page.after
            if after is None:
                break
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


def _past_its_age(delivery: Delivery, webhook: Webhook, now: datetime) -> bool:
    """A retry by a user is attempted past its age too, but not while the webhook is off."""
    off = not webhook.enabled and now >= delivery.expires_at
    return isinstance(delivery.waiting, OnItsWebhook) and (off or too_old(delivery, now))
