"""Has deliveries go on at once when their webhook is switched on again."""

from __future__ import annotations

import logging
from datetime import timedelta

from hookline.domain.webhook.circuit import drain_allowance, drain_interval
from hookline.domain.webhook.health import Draining, Open
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.webhooks import WebhookHealth
from hookline.services.waiting.release_webhook import LetGo

_AT_ONCE = 100
"""Deliveries let go before the request is answered; the scheduler's next round goes on."""

_LOG = logging.getLogger("hookline.go_on")


class GoOn:
    """Lets the first of them go. While the circuit is open they wait for its probes as all do."""

    def __init__(self, *, health: WebhookHealth, let_go: LetGo, clock: Clock) -> None:
        self._health = health
        self._let_go = let_go
        self._clock = clock

    def __call__(self, webhook: Webhook) -> None:
        """Never raises: the webhook is on, and the scheduler comes by within a minute."""
        try:
            (health,) = self._health.get_many([(webhook.tenant, webhook.id)])
            circuit = health.circuit
            allowance, interval = _AT_ONCE, timedelta(0)
            if isinstance(circuit, Draining):
                now = self._clock()
                allowance = min(drain_allowance(circuit, now), _AT_ONCE)
                interval = drain_interval(circuit, now)
            if not isinstance(circuit, Open):
                self._let_go(webhook, allowance, lambda: True, interval)
        except Unavailable:
            _LOG.warning("webhook.not_gone_on", extra={"webhook": webhook.id}, exc_info=True)
