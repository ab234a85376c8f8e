"""Instants as text, and back."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.times import floor_to_millis, from_iso, iso
from tests.builders import NOW

EDGES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]


@given(st.timedeltas(timedelta(days=-700_000), timedelta(days=700_000)), st.timezones())
def test_an_instant_reads_back_as_it_was_written(since: timedelta, zone: tzinfo) -> None:
    instant = (NOW + since).astimezone(zone)
    assert from_iso(iso(instant)) == floor_to_millis(instant)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-22T25:00Z", *EDGES])
def test_what_is_no_instant_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_iso(text)


@given(st.text() | st.datetimes(timezones=st.timezones()).map(datetime.isoformat))
def test_any_text_is_an_instant_in_utc_or_a_value_error(text: str) -> None:
    try:
        instant = from_iso(text)
    except ValueError:
        return
    assert instant.utcoffset() == timedelta()
