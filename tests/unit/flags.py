"""Strategies of feature flags, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime

from hookline.domain.event.activation import Activation, activation_of

SUNDAY_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def active(
    strategy: object,
    *,
    user: str | None = None,
    now: datetime = SUNDAY_NOON,
    name: object = "summer-sales",
) -> Activation:
    return activation_of({"name": name, "strategies": {"": strategy}}, None, user, now)


def on_condition(**condition: object) -> dict[str, object]:
    return {"enabled": True, "resultType": "boolean", "conditions": [condition]}
