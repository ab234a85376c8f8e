"""One page of deliveries out of the pages of several logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hookline.domain.delivery.delivery import Delivery
from hookline.domain.ids import DeliveryId

type LogPage = tuple[Sequence[Delivery], DeliveryId | None]
"""Newest first, and where the next page begins, if there is one."""


def newest(pages: Iterable[LogPage], limit: int) -> LogPage:
    """The newest of all, ``limit`` at most.

    Ids are made of times, in the same way for all logs. After the end of what was read of one log,
    the order is unknown.
    """
    found: list[Delivery] = []
    horizon: DeliveryId | None = None
    for page, goes_on in pages:
        found.extend(page)
        if goes_on is not None:
            horizon = max(horizon or goes_on, goes_on)
    certain = sorted(
        (each for each in found if horizon is None or each.key.id >= horizon),
        key=lambda each: each.key.id,
        reverse=True,
    )
    if len(certain) > limit:
        return certain[:limit], certain[limit - 1].key.id
    return certain, horizon
