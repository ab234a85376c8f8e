"""What one attempt needs, as it stands now."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.delivery.delivery import Delivery
from hookline.domain.event.event import Event
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A delivery with its webhook, that one's health and its event; None for what is gone."""

    delivery: Delivery | None
    webhook: Webhook | None
    health: Health
    event: Event | None
