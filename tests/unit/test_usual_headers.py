"""The headers that follow from the attempt, folded into one line and unfolded again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline import __version__
from hookline.adapters.dynamo.delivery.attempt_item import About, fold, unfold
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.request.headers import Sending, delivery_headers
from tests.builders import an_event

NOW = datetime(2026, 11, 22, 12, 0, 0, 999_000, tzinfo=UTC)
ABOUT = About(
    event_id=EventId("evt_1"),
    event_type="order.paid",
    webhook_id=WebhookId("wh_1"),
    delivery_id=DeliveryId("dlv_1"),
    number=3,
    started_at=NOW,
    host="example.com:8443",
)


def as_sent(prefix: str = "X-Hookline") -> list[str]:
    sending = Sending(
        event=an_event(id=ABOUT.event_id, type=ABOUT.event_type, entity_id="7"),
        webhook_id=ABOUT.webhook_id,
        delivery_id=ABOUT.delivery_id,
        attempt=ABOUT.number,
        sent_at=NOW,
        body=b"{}",
        secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",),
        schemes=("standard",),
    )
    headers = [("Content-Type", "application/json"), *delivery_headers(sending, prefix)]
    return [f"{name}: {value}" for name, value in headers]


@pytest.mark.parametrize("prefix", ["X-Hookline", "X-Etl-Webhook"])
def test_what_the_platform_sends_folds_into_one_line_and_back(prefix: str) -> None:
    folded = fold(as_sent(prefix), ABOUT)
    assert folded[:2] == [
        "Content-Type: application/json",
        f"({prefix} headers by Hookline/{__version__})",
    ]
    assert len(folded) == len(as_sent(prefix)) - 7
    assert unfold(folded, ABOUT) == as_sent(prefix)


@pytest.mark.parametrize("position", range(2, 9))
def test_a_line_that_differs_keeps_them_all(position: int) -> None:
    lines = as_sent()
    lines[position] += "?"
    assert fold(lines, ABOUT) == lines


def test_headers_that_a_webhook_overrides_are_kept_as_they_are() -> None:
    lines = [line for line in as_sent() if not line.startswith("User-Agent")]
    assert fold([*lines, "User-Agent: mine"], ABOUT) == [*lines, "User-Agent: mine"]


@given(st.lists(st.text(max_size=9).map(lambda value: f"User-Agent: {value}")))
def test_whatever_was_sent_is_read_again(lines: list[str]) -> None:
    assert unfold(fold(lines, ABOUT), ABOUT) == lines
    mixed = [*as_sent(), *lines]
    assert unfold(fold(mixed, ABOUT), ABOUT) == mixed


def test_host_and_encoding_fold_where_they_stand_as_the_url_has_them() -> None:
    first = ["Host: example.com:8443", "Accept-Encoding: identity"]
    folded = fold([*first, *as_sent()], ABOUT)
    assert folded[0] == "(Host)"
    assert unfold(folded, ABOUT) == [*first, *as_sent()]
    other = ["Host: example.com", "Accept-Encoding: identity", *as_sent()]
    assert fold(other, ABOUT)[:2] == other[:2]
