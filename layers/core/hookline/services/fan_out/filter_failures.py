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

_MOST = 1_000
"""Webhooks that are kept in mind. Failures of others are not counted until there is room."""

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
        self._pending: dict[_Of, _Pending] = {}
        self._told = BoundedCache[_Of, bool](size=_MOST, lifetime=TOLD_EVERY, clock=clock)
        self._paused_until: datetime | None = None

    def saw(self, tenant: TenantId, webhook_id: WebhookId, why: str) -> None:
        """The webhook's filter failed on an event."""
        pending = self._pending.get((tenant, webhook_id))
        if pending is not None:
            pending.count += 1
            pending.why = why
        elif len(self._pending) < _MOST:
            self._pending[tenant, webhook_id] = _Pending(1, why)

    def tell(self) -> None:
        """Writes what there is to a few webhooks, those that waited longest."""
        now = self._clock()
        if not self._pending or (self._paused_until is not None and now < self._paused_until):
            return
        due = [of for of in self._pending if self._told.get(of) is None][:TOLD_AT_ONCE]
        for of in due:
            pending = self._pending.pop(of)
            try:
                self._counts.add(*of, pending.count, pending.why, now)
            except Unavailable:
                self._paused_until = now + _PAUSE
                return
            self._told.put(of, True)
