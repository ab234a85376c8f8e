"""Webhooks as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from hookline.domain.identity.acts import Level
from hookline.domain.times import iso
from hookline.domain.webhook.document import document_of
from hookline.domain.webhook.health import Closed, Draining, Health, Open, state_of
from hookline.domain.webhook.webhook import Webhook
from hookline.services.delivery.stats import Recent

_BODIES = ("body_template", "ca_certificate")


def webhook_json(
    webhook: Webhook, health: Health, level: Level, last_success_at: datetime | None = None
) -> dict[str, object]:
    """One webhook, with the caller's level on it.

    ``last_success_at`` comes from its log, as its health record may lack it.
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


def webhook_item_json(
    webhook: Webhook, health: Health, level: Level, recent: Recent | None = None
) -> dict[str, object]:
    """A webhook in a list, without template and certificate; with its last day if asked for."""
    whole = webhook_json(webhook, health, level, recent.last_success_at if recent else None)
    item = {name: value for name, value in whole.items() if name not in _BODIES}
    return item | _recent_json(recent) if recent else item


def _health_json(
    webhook: Webhook, health: Health, last_success_at: datetime | None
) -> dict[str, object]:
    successes = filter(None, (health.last_success_at, last_success_at))
    since, next_probe_at = _circuit(health)
    return {
        "state": state_of(health, enabled=webhook.enabled),
        "consecutive_failures": health.consecutive_failures,
        "last_success_at": _iso(max(successes, default=None)),
        "last_failure_at": _iso(health.last_failure_at),
        "since": _iso(since),
        "next_probe_at": _iso(next_probe_at),
        "disabled_reason": None if webhook.enabled else health.disabled_reason,
        "filter_failures": health.filter_failures,
        "filter_failure": health.filter_failure,
        "filter_failed_at": _iso(health.filter_failed_at),
    }


def _circuit(health: Health) -> tuple[datetime | None, datetime | None]:
    """Since when the circuit is as it is, and when it is tried next."""
    match health.circuit:
        case Open(opened_at=since, next_probe_at=next_probe_at):
            return since, next_probe_at
        case Draining(since=since):
            return since, None
        case Closed():
            return None, None
        case _ as unreachable:
            assert_never(unreachable)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def _recent_json(recent: Recent) -> dict[str, object]:
    return {
        "success_rate_24h": recent.counts.success_rate,
        "deliveries_24h": sum(recent.counts.totals.values()),
        "series": [
            {"start": iso(start)} | {status.value: number for status, number in totals.items()}
            for start, totals in recent.series
        ],
        "next_attempt_at": _iso(recent.next_attempt_at),
        "stats_truncated": recent.truncated,
    }
