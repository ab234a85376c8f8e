"""Finds an event's deliveries through its fan-out record: they have no index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hookline.domain.delivery.delivery import Delivery
from hookline.domain.fan_out.fan_out import FanOut, delivery_key_of
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.errors import NotFound
from hookline.ports.deliveries import Deliveries
from hookline.ports.events import Events, FanOuts

Visible = Callable[[Sequence[WebhookId]], frozenset[WebhookId]]
"""Which of up to 100 webhooks the caller may see."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page begins: the next match of one chunk of the fan-out."""

    chunk: int
    match: int


_START = Place(0, 0)


class EventDeliveries:
    """Lists the deliveries of one event, in the order of its fan-out."""

    def __init__(self, *, events: Events, fan_outs: FanOuts, deliveries: Deliveries) -> None:
        self._events = events
        self._fan_outs = fan_outs
        self._deliveries = deliveries

    def __call__(
        self, tenant: TenantId, event: EventId, visible: Visible, limit: int, place: Place | None
    ) -> tuple[Sequence[Delivery], Place | None]:
        """At most ``limit`` deliveries, and where the next page begins.

        A page may be short and not the last. Empty until the event has been fanned out. Raises
        NotFound for an unknown event.
        """
        accepted = self._events.get(tenant, event)
        if accepted is None:
            raise NotFound
        fan_out = self._fan_outs.get(tenant, accepted.accepted_at, event)
        if fan_out is None:
            return [], None
        here = place or _START
        if here.chunk > fan_out.further_chunks:
            return [], None
        chunk = self._fan_outs.chunk(fan_out, here.chunk)
        wanted = chunk[here.match : here.match + limit]
        seen = visible([match.webhook_id for match in wanted])
        keys = [
            delivery_key_of(fan_out, match.webhook_id)
            for match in wanted
            if match.webhook_id in seen
        ]
        found = self._deliveries.get_many(keys)
        return (
            [found[key] for key in keys if key in found],
            _next(fan_out, here, len(wanted), len(chunk)),
        )


def _next(fan_out: FanOut, here: Place, looked_at: int, in_chunk: int) -> Place | None:
    match = here.match + looked_at
    if match < in_chunk:
        return Place(here.chunk, match)
    return Place(here.chunk + 1, 0) if here.chunk < fan_out.further_chunks else None
