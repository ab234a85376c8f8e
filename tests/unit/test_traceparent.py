"""W3C Trace Context, taken from the publisher and handed on to endpoints."""

from __future__ import annotations

import pytest

from hookline.domain.net import header_rules
from hookline.domain.request.headers import delivery_headers
from tests.builders import an_event
from tests.unit.test_delivery_headers import a_sending

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


def test_a_valid_header_is_taken() -> None:
    assert header_rules.read_traceparent(f" {GIVEN} ") == GIVEN
    assert header_rules.trace_id(GIVEN) == TRACE_ID


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert (
        header_rules.read_traceparent(f"cc-{TRACE_ID}-00f067aa0ba902b7-01-what-comes-later")
        == GIVEN
    )


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        GIVEN.upper(),
        GIVEN + "-more",
        f"ff-{TRACE_ID}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"cc-{TRACE_ID}-00f067aa0ba902b7-01-" + "x" * 1_000,
        f"{GIVEN}\r\nX-Injected: 1",
    ],
)
def test_what_is_not_valid_is_ignored_as_if_it_were_not_there(header: str | None) -> None:
    assert header_rules.read_traceparent(header) is None
    assert header_rules.trace_id(None) is None


def test_an_attempt_carries_the_publishers_trace_as_a_span_of_its_own() -> None:
    event = an_event(traceparent=GIVEN)
    first, second = (
        dict(delivery_headers(a_sending(event=event, attempt=number)))["traceparent"]
        for number in (1, 2)
    )
    assert header_rules.read_traceparent(first) == first
    assert header_rules.trace_id(first) == header_rules.trace_id(second) == TRACE_ID
    assert len({first, second, GIVEN}) == 3
    assert first.endswith("-01")


def test_without_a_trace_none_is_made_up() -> None:
    assert "traceparent" not in dict(delivery_headers(a_sending(event=an_event())))
