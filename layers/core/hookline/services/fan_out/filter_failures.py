"""Counts filters that failed on an event, and tells their webhooks now and then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.ports.webhooks import FilterFailureCounts

TOLD_EVERY = timedelta(seconds=10)
"""How often one webhook is written to, by one process."""

TOLD_AT_ONCE = 2
"""Webhooks that are written to after one batch: the lane is everybody's."""

_PAUSE = timedelta(minutes=1)
"""How long nothing is written once that was refused. A refusal takes time, which the lane's other
events must not be made to wait for again and again."""

MOST_OF_A_TENANT = 50
_MOST_TENANTS = 1_000
"""What is kept in mind: some 20 MB. Failures of others are not counted until there is room."""

_MOST_TOLD = 1_000

type _Of = tuple[TenantId, WebhookId]


@dataclass(slots=True)
class _Pending:
    count: int
    why: str


class FilterFailures:
    """What a process saw of them; what it did not write yet is lost with it.

    The count is for whoever looks after the webhook. No delivery depends on it.
    """

    def __init__(self, counts: FilterFailureCounts, clock: Clock) -> None:
        self._counts = counts
        self._clock = clock
        # The first of them waited longest.
        self._pending: dict[TenantId, dict[WebhookId, _Pending]] = {}
        self._told = BoundedCache[_Of, bool](size=_MOST_TOLD, lifetime=TOLD_EVERY, clock=clock)
        self._paused_until: datetime | None = None

    def saw(self, tenant: TenantId, webhook_id: WebhookId, why: str) -> None:
        """The webhook's filter failed on an event."""
        if tenant not in self._pending and len(self._pending) == _MOST_TENANTS:
            return
        webhooks = self._pending.setdefault(tenant, {})
        pending = webhooks.get(webhook_id)
        if pending is not None:
            pending.count += 1
            pending.why = why
        elif len(webhooks) < MOST_OF_A_TENANT:
            webhooks[webhook_id] = _Pending(1, why)

    def tell(self) -> None:
        """Writes what there is to a few webhooks, of one tenant after the other."""
        now = self._clock()
        if self._paused_until is not None and now < self._paused_until:
            return
        for _ in range(TOLD_AT_ONCE):
            due = self._next()
            if due is None:
                return
            try:
                self._write(*due, now)
            except Unavailable:
                self._paused_until = now + _PAUSE
                return

    def _next(self) -> _Of | None:
        return next(
            (
                (tenant, webhook_id)
                for tenant, webhooks in self._pending.items()
                for webhook_id in webhooks
                if self._told.get((tenant, webhook_id)) is None
            ),
            None,
        )

    def _write(self, tenant: TenantId, webhook_id: WebhookId, now: datetime) -> None:
        webhooks = self._pending.pop(tenant)
        pending = webhooks.pop(webhook_id)
        try:
            self._counts.add(tenant, webhook_id, pending.count, pending.why, now)
        except Unavailable:
            webhooks[webhook_id] = pending
            raise
        finally:
            if webhooks:
                self._pending[tenant] = webhooks
        self._told.put((tenant, webhook_id), True)
