"""Switches a webhook off whose endpoint says that it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from hookline.domain.ids import PrincipalId
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.circuit import mark_waiting
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports.webhooks import Saved, WebhookChanges, WebhookHealth, Webhooks
from hookline.services.webhook.health import change_health

PLATFORM = PrincipalId("hookline")
"""Who changed a webhook when nobody did."""

_TRIES = 5


class TellDisabled(Protocol):
    """`hookline.services.webhook.operational_events.OperationalEvents`."""

    def disabled(self, webhook: Webhook, reason: str, at: datetime) -> None:
        """Tells the webhook's owner."""
        ...


class SwitchOff:
    """Keeps the reason first, tells of it, and only then switches off.

    A crash in between repeats all of it with the next 410: nothing is ever off without a reason.
    """

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        changes: WebhookChanges,
        health: WebhookHealth,
        tell: TellDisabled,
    ) -> None:
        self._webhooks = webhooks
        self._changes = changes
        self._health = health
        self._tell = tell

    def __call__(self, called: Webhook, reason: str, now: datetime) -> None:
        """``called`` is the webhook as the endpoint was called by.

        One that was edited to another url, switched off or deleted meanwhile stays as it is.
        """
        before: Webhook | None = called
        for _ in range(_TRIES):
            if before is None or not before.enabled or before.url != called.url:
                return
            after = replace(
                before,
                enabled=False,
                version=before.version + 1,
                updated_at=floor_to_millis(now),
                updated_by=PLATFORM,
            )
            self._keep_reason(called, reason, now)
            self._tell.disabled(after, reason, now)
            if isinstance(self._changes.replace(before, after), Saved):
                return
            before = self._webhooks.get(called.tenant, called.id)
        raise Unavailable("the webhook keeps changing")

    def _keep_reason(self, webhook: Webhook, reason: str, now: datetime) -> None:
        def disabled(health: Health) -> Health:
            marked = mark_waiting(health, now) or health  # its deliveries wait on it from now on
            return replace(marked, disabled_reason=reason)

        change_health(self._health, webhook.tenant, webhook.id, disabled)
