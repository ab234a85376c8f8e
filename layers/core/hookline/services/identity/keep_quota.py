"""Keeps a tenant within its quota, over all processes, without a write for each event."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.identity.quota import (
    WINDOW,
    Quota,
    Share,
    end_of,
    seconds_until_next,
    window_of,
)
from hookline.domain.ids import TenantId
from hookline.errors import TooManyRequests
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.ports.requests import Allotments

_TENANTS = 10_000
_SLACK = timedelta(seconds=60)
"""How much longer than its window a counter is kept: for processes whose clocks are behind."""


class KeepQuota:
    """Counts what each tenant does and refuses what passes its quota.

    A process spends a small free share first, then draws blocks from the tenant's counter for the
    window. What it drew and did not spend is lost with the window: a tenant may be refused a block
    early for each process that serves it, never served more than its quota and the free shares.
    """

    def __init__(self, *, allotments: Allotments, quota: Quota, name: str, clock: Clock) -> None:
        """``name`` tells this quota's counters from others', such as ``publish``."""
        self._allotments = allotments
        self._quota = quota
        self._name = name
        self._clock = clock
        self._shares = BoundedCache[TenantId, Share](size=_TENANTS, lifetime=WINDOW, clock=clock)
        self._used_up = BoundedCache[TenantId, int](size=_TENANTS, lifetime=WINDOW, clock=clock)
        self._lock = Lock()

    def __call__(self, tenant: TenantId, amount: int = 1) -> None:
        """Spends ``amount``. Raises TooManyRequests, with the seconds to the next window.

        What needs more than a whole window's quota takes all of one: it could never pass otherwise.
        """
        with self._lock:  # a batch is published side by side
            self._spend(tenant, min(amount, self._quota.per_window))

    def _spend(self, tenant: TenantId, amount: int) -> None:
        now = self._clock()
        window = window_of(now)
        share = self._share(tenant, window)
        if share.left < amount:
            share = self._draw(tenant, share, amount - share.left)
        if share.left < amount:
            raise TooManyRequests(
                f"The tenant's quota is {self._quota.per_second} a second.",
                seconds_until_next(now),
            )
        self._shares.put(tenant, Share(window, share.granted, share.spent + amount))

    def _share(self, tenant: TenantId, window: int) -> Share:
        share = self._shares.get(tenant)
        if share is None or share.window != window:
            return Share(window, self._quota.free)
        return share

    def _draw(self, tenant: TenantId, share: Share, missing: int) -> Share:
        if self._used_up.get(tenant) == share.window:
            return share  # nothing is left in this window: no write to hear that again
        counter = f"{tenant}#{self._name}#{share.window}"
        expires_at = end_of(share.window) + _SLACK
        limit = self._quota.per_window
        for amount in sorted({max(missing, self._quota.block), missing}, reverse=True):
            if self._allotments.draw(counter, amount, limit, expires_at):
                return Share(share.window, share.granted + amount, share.spent)
        if missing == 1:
            self._used_up.put(tenant, share.window)
        return share
