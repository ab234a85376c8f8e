"""The platform's headers on a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hookline
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.request.headers import Sending, delivery_headers
from hookline.domain.webhook.signing import hmac_signature, standard_signature
from tests.builders import an_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
SENT_AT = datetime(2026, 11, 22, 12, 0, 0, 999_000, tzinfo=UTC)


def a_sending(**overrides: Any) -> Sending:
    values: dict[str, Any] = {
        "event": an_event(
            id=EventId("evt_1"), entity_id="flow-7", entity_url="https://example.com/flows/7"
        ),
        "webhook_id": WebhookId("wh_1"),
        "delivery_id": DeliveryId("dlv_1"),
        "attempt": 3,
        "sent_at": SENT_AT,
        "body": b"{}",
        "secrets": (SECRET,),
        "schemes": ("standard",),
    }
    return Sending(**(values | overrides))


def test_every_call_says_what_it_is_about() -> None:
    assert delivery_headers(a_sending(schemes=())) == (
        ("User-Agent", f"Hookline/{hookline.__version__}"),
        ("webhook-id", "evt_1"),
        ("webhook-timestamp", "1795348800"),
        ("X-Hookline-Event-Id", "evt_1"),
        ("X-Hookline-Event", "flow.executed"),
        ("X-Hookline-Id", "wh_1"),
        ("X-Hookline-Delivery-Id", "dlv_1"),
        ("X-Hookline-Attempt", "3"),
        ("X-Hookline-Entity-Id", "flow-7"),
        ("X-Hookline-Entity-Url", "https://example.com/flows/7"),
    )


def test_all_three_signatures_are_made_when_asked_for() -> None:
    headers = dict(
        delivery_headers(
            a_sending(schemes=("standard", "hmac-sha256", "hmac-sha1")), "X-Etl-Webhook"
        )
    )
    assert headers["webhook-signature"] == standard_signature([SECRET], "evt_1", SENT_AT, b"{}")
    assert headers["X-Etl-Webhook-Signature-256"] == hmac_signature(SECRET, b"{}", "sha256")
    assert headers["X-Etl-Webhook-Signature"] == hmac_signature(SECRET, b"{}", "sha1")
    assert headers["X-Etl-Webhook-Event-Id"] == "evt_1"
    assert not any(name.startswith("X-Hookline") for name in headers)


def test_during_a_rotation_the_standard_header_carries_both_and_the_hex_ones_the_previous() -> None:
    schemes = ("standard", "hmac-sha256", "hmac-sha1")
    headers = dict(delivery_headers(a_sending(secrets=(SECRET, OLD_SECRET), schemes=schemes)))
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert headers["X-Hookline-Signature-256"] == hmac_signature(OLD_SECRET, b"{}", "sha256")
    assert headers["X-Hookline-Signature"] == hmac_signature(OLD_SECRET, b"{}", "sha1")


def test_a_test_call_says_so_and_no_other_does() -> None:
    sample = replace(an_event(id=EventId("evt_1")), test=True)
    headers = dict(delivery_headers(a_sending(event=sample), prefix="X-Etl-Webhook"))
    assert headers["X-Etl-Webhook-Test"] == "true"
    assert "X-Hookline-Test" not in dict(delivery_headers(a_sending()))


def test_a_call_without_a_body_is_signed_by_the_standard_scheme_only() -> None:
    sending = a_sending(body=None, schemes=("standard", "hmac-sha256", "hmac-sha1"))
    headers = dict(delivery_headers(sending))
    assert headers["webhook-signature"] == standard_signature([SECRET], "evt_1", SENT_AT, b"")
    assert "X-Hookline-Signature" not in headers
    assert "X-Hookline-Signature-256" not in headers


@pytest.mark.parametrize("value", [None, "", "x" * 2_049, " "])
def test_an_entity_without_a_usable_id_has_no_header(value: str | None) -> None:
    headers = dict(delivery_headers(a_sending(event=an_event(entity_id=value, entity_url=value))))
    assert "X-Hookline-Entity-Id" not in headers
    assert "X-Hookline-Entity-Url" not in headers


def test_a_line_break_in_an_entitys_id_starts_no_header() -> None:
    headers = dict(delivery_headers(a_sending(event=an_event(entity_id="7\r\nX-Evil: 1 ü"))))
    assert headers["X-Hookline-Entity-Id"] == "7%0D%0AX-Evil: 1 %C3%BC"


@given(st.text(max_size=100), st.text(max_size=100))
def test_values_are_printable_ascii_whatever_the_event_holds(entity_id: str, url: str) -> None:
    sending = a_sending(event=an_event(entity_id=entity_id, entity_url=url))
    for _, value in delivery_headers(sending):
        assert value
        assert value == value.strip()
        assert all(" " <= character <= "~" for character in value)
