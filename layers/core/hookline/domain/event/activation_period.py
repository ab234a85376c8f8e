"""The period of an activation condition: dates, hours of the day and days of the week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from hookline.domain.times import from_iso

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")


class BrokenPeriod(Exception):  # noqa: N818 - becomes a value in `activation`, its only caller
    """The period cannot be understood; the message says which part."""


def period_holds(period: object, now: datetime) -> bool:
    """Whether ``now`` lies in the period; an absent one always holds. Raises BrokenPeriod.

    ``begin`` and ``end`` are exclusive, and so are the ends of a window of hours.
    """
    if period is None:
        return True
    if not isinstance(period, Mapping):
        raise BrokenPeriod("a period must be an object")
    begin, end = _instant(period, "begin"), _instant(period, "end")
    if (begin is not None and now <= begin) or (end is not None and now >= end):
        return False
    there = now.astimezone(_zone(period.get("timezone")))
    return _on_its_days(period, there) and _in_its_hours(period, there.time())


def in_either_case(raw: Mapping[str, object], camel: str, snake: str) -> object:
    """The value under its camelCase name, as the reference system writes it, or in snake_case."""
    return raw.get(camel, raw.get(snake))


def _instant(period: Mapping[str, object], name: str) -> datetime | None:
    text = period.get(name)
    if text is None:
        return None
    try:
        return from_iso(str(text))
    except ValueError:
        raise BrokenPeriod(f"{name} must be an ISO 8601 time") from None


def _zone(name: object) -> tzinfo:
    if name is None or name in ("", "Z", "UTC"):
        return UTC
    if not isinstance(name, str):
        raise BrokenPeriod("timezone must be a name")
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            sign = -1 if offset[1] == "-" else 1
            return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0)))
        return ZoneInfo(name)
    # Names that are paths, directories or not text each raise something else.
    except (KeyError, ValueError, OSError):
        raise BrokenPeriod(f"there is no timezone {name[:60]}") from None


def _on_its_days(period: Mapping[str, object], there: datetime) -> bool:
    wanted = in_either_case(period, "activationDays", "activation_days")
    if wanted is None:
        return True
    days = wanted.get("days") if isinstance(wanted, Mapping) else None
    if not isinstance(days, list) or any(day not in _DAYS for day in days):
        raise BrokenPeriod("activationDays must have days out of MONDAY to SUNDAY")
    return _DAYS[there.weekday()] in days


def _in_its_hours(period: Mapping[str, object], now: time) -> bool:
    windows = in_either_case(period, "hourPeriods", "hour_periods")
    if not isinstance(windows, list | None):
        raise BrokenPeriod("hourPeriods must be a list")
    return not windows or any(_in_window(window, now) for window in windows)


def _in_window(window: object, now: time) -> bool:
    if not isinstance(window, Mapping):
        raise BrokenPeriod("an hour period must be an object")
    start = _time(in_either_case(window, "startTime", "start_time"))
    end = _time(in_either_case(window, "endTime", "end_time"))
    if start > end:  # across midnight
        return now > start or now < end
    return start < now < end


def _time(text: object) -> time:
    try:
        moment = time.fromisoformat(str(text))
    except ValueError:
        raise BrokenPeriod("startTime and endTime must be times such as 08:00:00") from None
    if moment.tzinfo is not None:
        raise BrokenPeriod("startTime and endTime are in the period's timezone, without an offset")
    return moment
