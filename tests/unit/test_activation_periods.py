"""Periods in which a condition holds: begin and end, hours, days, time zones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hookline.domain.event.activation import Activation
from tests.unit.flags import REFERENCE, SUNDAY_NOON, active, on_condition


def holds_at(moment: str, **period: object) -> bool:
    return active(on_condition(period=period), now=datetime.fromisoformat(moment)).value is True


def test_begin_and_end_are_exclusive() -> None:
    period = {"begin": "2026-11-22T10:00:00Z", "end": "2026-11-22T12:00:00+01:00"}
    assert not holds_at("2026-11-22T10:00:00Z", **period)
    assert holds_at("2026-11-22T10:00:00.001Z", **period)
    assert holds_at("2026-11-22T10:59:59.999Z", **period)
    assert not holds_at("2026-11-22T11:00:00Z", **period)


def test_an_open_end_never_ends() -> None:
    assert holds_at("2999-01-01T00:00:00Z", begin="2024-06-16T22:00:00Z", end=None)
    assert holds_at("1999-01-01T00:00:00Z", begin=None, end="2024-06-16T22:00:00Z")


def test_hours_are_those_of_the_periods_time_zone() -> None:
    hours = {
        "hourPeriods": [{"startTime": "08:00:00", "endTime": "10:00:00"}],
        "timezone": "Europe/Paris",
    }
    assert holds_at("2026-11-22T07:30:00Z", **hours)
    assert not holds_at("2026-11-22T09:30:00Z", **hours)
    # In summer Paris is two hours ahead.
    assert holds_at("2026-07-22T06:30:00Z", **hours)
    assert not holds_at("2026-07-22T08:30:00Z", **hours)


@pytest.mark.parametrize("zone", ["+05:30", "UTC+05:30", "Asia/Kolkata", "GMT+0530"])
def test_a_time_zone_is_a_name_or_an_offset(zone: str) -> None:
    hours = {"hourPeriods": [{"startTime": "05:29", "endTime": "05:31"}], "timezone": zone}
    assert holds_at("2026-11-22T00:00:00Z", **hours)
    assert not holds_at("2026-11-22T05:30:00Z", **hours)


def test_without_a_time_zone_hours_are_utc() -> None:
    assert holds_at(
        "2026-11-22T08:30:00Z", hourPeriods=[{"startTime": "08:00", "endTime": "09:00"}]
    )


def test_any_window_of_hours_is_enough_and_none_is_always() -> None:
    windows = [
        {"startTime": "08:00", "endTime": "09:00"},
        {"startTime": "20:00", "endTime": "21:00"},
    ]
    assert holds_at("2026-11-22T20:30:00Z", hourPeriods=windows)
    assert not holds_at("2026-11-22T12:00:00Z", hourPeriods=windows)
    assert holds_at("2026-11-22T12:00:00Z", hourPeriods=[])


@pytest.mark.parametrize(
    ("moment", "inside"),
    [("22:00", False), ("22:01", True), ("00:00", True), ("01:59", True), ("02:00", False),
     ("12:00", False)],
)  # fmt: skip
def test_a_window_may_cross_midnight(moment: str, inside: bool) -> None:
    window = {"startTime": "22:00", "endTime": "02:00"}
    assert holds_at(f"2026-11-22T{moment}:00Z", hourPeriods=[window]) is inside


def test_days_are_days_of_the_week_in_the_periods_time_zone() -> None:
    sunday = {"activationDays": {"days": ["SUNDAY"]}, "timezone": "Pacific/Auckland"}
    assert holds_at("2026-11-21T12:00:00Z", **sunday)  # one in the morning of Sunday there
    assert not holds_at("2026-11-22T12:00:00Z", **sunday)


def test_the_reference_systems_own_example_is_understood() -> None:
    monday = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert active(REFERENCE, user="bob@mail.com", now=monday) == Activation(True)  # bucket 24
    assert active(REFERENCE, user="bob@mail.com", now=SUNDAY_NOON) == Activation(False)
    assert active(REFERENCE, user="foo", now=SUNDAY_NOON) == Activation(True)


def test_snake_case_says_the_same() -> None:
    strategy = {
        "enabled": True,
        "result_type": "string",
        "value": "night",
        "conditions": [
            {
                "period": {
                    "hour_periods": [{"start_time": "11:00", "end_time": "13:00"}],
                    "activation_days": {"days": ["SUNDAY"]},
                },
                "value": "noon",
            }
        ],
    }
    assert active(strategy) == Activation("noon")
    assert active(strategy, now=SUNDAY_NOON.replace(hour=20)) == Activation("night")
