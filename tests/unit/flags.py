"""Strategies of feature flags, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime

from hookline.domain.event.activation import Activation, activation_of

SUNDAY_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

REFERENCE = {
    "enabled": True,
    "resultType": "boolean",
    "conditions": [
        {
            "period": {
                "begin": "2024-06-16T22:00:00Z",
                "end": None,
                "hourPeriods": [{"startTime": "08:00:00", "endTime": "23:00:00"}],
                "activationDays": {"days": ["MONDAY"]},
                "timezone": "Europe/Paris",
            },
            "rule": {"percentage": 25},
        },
        {"period": None, "rule": {"users": ["foo"]}},
    ],
}
"""As Izanami's own page has it."""


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
