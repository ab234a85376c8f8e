"""What Etlworks sends, sent as it sends it: the examples of its page in, their bodies out."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from hookline.domain.event.event import Event
from hookline.domain.ids import EventId
from hookline.domain.net.header_rules import FORM
from tests.builders import an_event
from tests.unit.moved import compact, sent

# Etlworks: the examples of its page on webhooks.

ETL_SECRET = "my-etlworks-secret"


def an_etlworks_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "id": EventId("7027e72b-9005-4fcc-8385-8da47249136a"),
        "type": "Flow.Executed",
        "occurred_at": datetime(2020, 5, 2, 14, 20, 0, 207_000, UTC),
        "entity_id": "11225",
        "entity_url": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
        "entity": {"name": "nightly"},
        "data": None,
    }
    return an_event(**(values | overrides))


def test_et_4_the_json_body_is_the_page_s() -> None:
    assert sent(an_etlworks_event(), format="etlworks").body == compact(
        {
            "eventId": "7027e72b-9005-4fcc-8385-8da47249136a",
            "eventType": "Flow.Executed",
            "webhookId": "wh_1",
            "entityId": 11225,
            "entity": {"name": "nightly"},
            "entityUrl": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
            "timestamp": 1588429200207,
        }
    )


def test_et_4_the_form_has_the_same_keys() -> None:
    event = an_etlworks_event(
        id=EventId("32f54fa6-41ae-432e-a720-4373bdf72e6d"),
        occurred_at=datetime(2020, 4, 29, 13, 5, 0, 224_000, UTC),
        entity_id="11157",
        entity_url=None,
        entity=None,
    )
    call = sent(event, format="etlworks", content_type=FORM)
    assert call.body == (
        b"eventId=32f54fa6-41ae-432e-a720-4373bdf72e6d&eventType=Flow.Executed&webhookId=wh_1"
        b"&entityId=11157&timestamp=1588165500224"
    )
    assert call.headers["Content-Type"] == FORM


def test_et_5_the_entity_goes_in_only_when_it_is_selected() -> None:
    body = sent(an_etlworks_event(), format="etlworks", include_entity=False).body or b""
    assert b'"entity"' not in body
    assert b'"entityId":11225' in body


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_et_3_the_five_headers_are_there_whatever_the_method(method: str) -> None:
    call = sent(an_etlworks_event(), format="etlworks", method=method)
    told = {name: value for name, value in call.headers.items() if name.startswith("X-")}
    told.pop("X-Etl-Webhook-Signature", None)
    assert told == {
        "X-Etl-Webhook-Event-Id": "7027e72b-9005-4fcc-8385-8da47249136a",
        "X-Etl-Webhook-Event": "Flow.Executed",
        "X-Etl-Webhook-Id": "wh_1",
        "X-Etl-Webhook-Entity-Id": "11225",
        "X-Etl-Webhook-Entity-URL": "https://app.etlworks.com/rest/v1/flows/1?auditId=11225",
    }


def test_et_8_the_signature_is_the_sha_1_of_the_body_with_the_plain_secret_on_post() -> None:
    call = sent(an_etlworks_event(), format="etlworks", secret=ETL_SECRET)
    expected = hmac.new(ETL_SECRET.encode(), call.body or b"", hashlib.sha1).hexdigest()
    assert call.headers["X-Etl-Webhook-Signature"] == expected
    got = sent(an_etlworks_event(), format="etlworks", secret=ETL_SECRET, method="GET")
    assert "X-Etl-Webhook-Signature" not in got.headers
    assert got.body is None


def test_et_9_and_et_10_basic_authentication_and_custom_headers() -> None:
    call = sent(
        an_etlworks_event(),
        format="etlworks",
        auth={"type": "basic", "username": "user", "password": "passwd"},
        headers={"X-Any": "1"},
    )
    assert call.headers["Authorization"] == "Basic dXNlcjpwYXNzd2Q="
    assert call.headers["X-Any"] == "1"
