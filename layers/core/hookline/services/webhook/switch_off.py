"""Switches off a webhook whose endpoint says that it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from hookline.domain.ids import PrincipalId
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.health import Health, mark_waiting
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.webhooks import WebhookChanges, WebhookHealth, Webhooks
from hookline.services.webhook.health import change_health

PLATFORM = PrincipalId("hookline")
"""The principal of changes that nobody made."""


class TellDisabled(Protocol):
    """`hookline.services.webhook.operational_events.OperationalEvents`."""

    def disabled(self, webhook: Webhook, reason: str, at: datetime) -> None:
        """Tells the webhook's owner."""
        ...


class SwitchOff:
    """Stores the reason, announces it, and only then switches off.

    After a crash in between the next 410 repeats all of it: no webhook is ever off without a
    reason.
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

    def __call__(self, webhook: Webhook, called: int | None, reason: str, now: datetime) -> None:
        """``webhook`` as last read; ``called`` is the version that was called.

        A webhook changed since is left alone: somebody may just have switched it on again, and its
        next call will tell. Raises Unavailable.
        """
        current = self._webhooks.get(webhook.tenant, webhook.id)
        if current is None or not current.enabled or current.version != called:
            return
        after = replace(
            current,
            enabled=False,
            version=current.version + 1,
            updated_at=floor_to_millis(now),
            updated_by=PLATFORM,
        )
        self._keep_reason(current, reason, now)
        self._tell.disabled(after, reason, now)
        self._changes.replace(current, after)

    def _keep_reason(self, webhook: Webhook, reason: str, now: datetime) -> None:
        def disabled(health: Health) -> Health:
            marked = mark_waiting(health, now) or health  # its deliveries wait on it from now on
            return replace(marked, disabled_reason=reason)

        change_health(self._health, webhook.tenant, webhook.id, disabled)
