"""Instants as Hookline writes them: UTC, ISO 8601, milliseconds, a trailing Z."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(instant: datetime) -> str:
    """``2026-11-22T12:00:00.000Z``: fixed width, so that text order is time order."""
    # isoformat takes a quarter of strftime's time, and each attempt writes ten instants.
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_iso(text: str) -> datetime:
    """The instant of an ISO 8601 text; without an offset, UTC.

    Raises ValueError if ``text`` is not ISO 8601, or in UTC lies before year 1 or after year 9999.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"no year of ours: {text!r}") from None


def floor_to_millis(instant: datetime) -> datetime:
    """An instant as it reads after being written by `iso`: cut to milliseconds."""
    return instant.replace(microsecond=_millis(instant) * 1000)


def epoch_millis(instant: datetime) -> int:
    """Whole milliseconds since 1970."""
    return int(instant.timestamp()) * 1000 + _millis(instant)


def _millis(instant: datetime) -> int:
    return instant.microsecond // 1000
