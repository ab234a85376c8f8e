"""Bodies that the log leaves out since the event has them: shown as sent, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, RequestRecord
from hookline.domain.event.event import Event, Pristine
from hookline.domain.request.attempt_record import MAX_REQUEST_BODY, with_default_body
from hookline.domain.request.request import Prepared, Target, prepare
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import NotFound
from hookline.services.delivery.read_delivery import ReadDelivery
from tests.builders import NOW, a_delivery, a_webhook, an_attempt, an_event, some_secrets
from tests.engine.engine import Engine

RULES = Surroundings(allow_http=False, retention=timedelta(days=30))


def sent(webhook: Webhook, event: Event, delivery: Delivery) -> tuple[bytes, RequestRecord]:
    made = prepare(Target(webhook, some_secrets()), event, delivery, NOW, RULES)
    assert isinstance(made, Prepared)
    return made.call.body or b"", made.record


@pytest.mark.parametrize(
    ("webhook", "event", "activation"),
    [
        ({}, {}, None),
        ({"include_entity": False}, {"entity": {"id": 1}}, None),
        ({}, {"feature": {"id": "f", "name": "F"}}, {"active": True}),
        ({"name": "another", "context": "prod"}, {"data": {"\u00fc": "\u2028"}}, None),
    ],
)
def test_what_was_sent_is_rendered_again(
    webhook: dict[str, Any], event: dict[str, Any], activation: object
) -> None:
    of, delivery = an_event(**event), a_delivery(activation=activation)
    body, record = sent(a_webhook(**webhook), of, delivery)
    assert record.body is None
    assert record.default_body is not None
    shown = with_default_body(record, of, delivery)
    assert (shown.body, shown.body_truncated) == (body.decode(), False)
    assert shown == replace(record, body=body.decode(), default_body=None)


def test_a_long_one_is_cut_as_any_other() -> None:
    event = an_event(data="x" * MAX_REQUEST_BODY)
    body, record = sent(a_webhook(), event, a_delivery())
    assert record.body_truncated
    shown = with_default_body(record, event, a_delivery())
    assert (shown.body, shown.body_truncated) == (body.decode()[:MAX_REQUEST_BODY], True)


@pytest.mark.parametrize(
    ("webhook", "event"),
    [
        ({"body_template": "{{event.id}}"}, {}),
        ({"content_type": "application/x-www-form-urlencoded"}, {}),
        ({}, {"pristine": Pristine(b"{}", "application/json")}),
        ({"method": "GET"}, {}),
    ],
)
def test_what_the_event_alone_cannot_tell_is_kept(
    webhook: dict[str, Any], event: dict[str, Any]
) -> None:
    body, record = sent(a_webhook(**webhook), an_event(**event), a_delivery())
    assert record.default_body is None
    assert record.body == (body.decode() or None)


@pytest.mark.parametrize("event", [None, an_event(data="another")])
def test_other_bytes_than_were_sent_are_not_shown(event: Event | None) -> None:
    _, record = sent(a_webhook(), an_event(data="this"), a_delivery())
    shown = with_default_body(record, event, a_delivery())
    assert (shown.body, shown.body_truncated, shown.default_body) == (None, True, None)


def reader(engine: Engine) -> ReadDelivery:
    return ReadDelivery(
        deliveries=engine.delivery_changes, log=engine.delivery_log, events=engine.events
    )


def test_a_delivery_is_read_with_the_bodies_of_its_attempts() -> None:
    engine, event = Engine(), an_event()
    body, record = sent(a_webhook(), event, a_delivery())
    delivery = a_delivery(attempt_count=1, last_attempt=an_attempt(request=record))
    engine.events.accept(event)
    engine.new_deliveries.create([delivery])
    found, (attempt,) = reader(engine)(delivery.key, 50)
    assert found == delivery
    assert attempt.request.body == body.decode()


def test_a_delivery_that_is_not_there_is_not_found() -> None:
    key: DeliveryKey = a_delivery().key
    with pytest.raises(NotFound):
        reader(Engine())(key, 50)
