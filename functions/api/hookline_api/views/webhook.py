"""Webhooks as JSON."""

from __future__ import annotations

from datetime import datetime

from hookline.domain.identity.rights import Level
from hookline.domain.times import iso
from hookline.domain.webhook.document import document_of
from hookline.domain.webhook.health import Health, state_of
from hookline.domain.webhook.webhook import Webhook
from hookline.services.delivery.stats import Recent

_BODIES = ("body_template", "ca_certificate")


def webhook_json(
    webhook: Webhook, health: Health, level: Level, last_success_at: datetime | None = None
) -> dict[str, object]:
    """One webhook, with the caller's level on it.

    ``last_success_at`` is what its log knows beyond its health record.
    """
    return {
        "id": webhook.id,
        "tenant": webhook.tenant,
        **document_of(webhook),
        "public_key": webhook.public_key,
        "version": webhook.version,
        "created_at": iso(webhook.created_at),
        "created_by": webhook.created_by,
        "updated_at": iso(webhook.updated_at),
        "updated_by": webhook.updated_by,
        "health": _health_json(webhook, health, last_success_at),
        "level": level.value,
    }


def webhook_item_json(webhook: Webhook, health: Health, level: Level) -> dict[str, object]:
    """A webhook in a list: lists carry no bodies."""
    whole = webhook_json(webhook, health, level)
    return {name: value for name, value in whole.items() if name not in _BODIES}


def _health_json(
    webhook: Webhook, health: Health, last_success_at: datetime | None
) -> dict[str, object]:
    successes = [at for at in (health.last_success_at, last_success_at) if at is not None]
    return {
        "state": state_of(health, enabled=webhook.enabled),
        "consecutive_failures": health.consecutive_failures,
        "last_success_at": iso(max(successes)) if successes else None,
        "last_failure_at": None if health.last_failure_at is None else iso(health.last_failure_at),
        "disabled_reason": None if webhook.enabled else health.disabled_reason,
        "filter_failures": health.filter_failures,
        "filter_failure": health.filter_failure,
        "filter_failed_at": None
        if health.filter_failed_at is None
        else iso(health.filter_failed_at),
    }


def recent_json(recent: Recent) -> dict[str, object]:
    """How a webhook's deliveries of the last day went."""
    return {
        "success_rate_24h": recent.counts.success_rate,
        "deliveries_24h": sum(recent.counts.totals.values()),
        "series": [
            {"start": iso(start)} | {status.value: number for status, number in totals.items()}
            for start, totals in recent.series
        ],
        "stats_truncated": recent.truncated,
    }
