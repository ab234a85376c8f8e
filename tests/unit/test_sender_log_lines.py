"""What the sender's log says of a message: ids and figures, and nothing that is as always."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.times import iso
from hookline.services.delivery.messages import Acknowledge, Handled, HideUntil, Received
from hookline_sender.messages import fields_of
from tests.builders import EVENT_ID, NOW, TENANT, WEBHOOK_ID, a_delivery, a_task, an_attempt

DUE = NOW + timedelta(seconds=5)


def received(delivery: Delivery, **overrides: Any) -> Received:
    values: dict[str, Any] = {"id": "m-1", "receipt": "r-1", "receives": 1, "may_hide": True}
    return Received(task=a_task(delivery), **(values | overrides))


def test_a_first_attempt_that_succeeds_is_told_in_few_words() -> None:
    delivery, attempt = a_delivery(status=Status.SUCCESS), an_attempt()
    handled = Handled(
        received(delivery), "success", Acknowledge(), delivery=delivery, attempt=attempt
    )
    assert attempt.response is not None
    assert fields_of(handled) == {
        "outcome": "success",
        "tenant": TENANT,
        "webhook_id": WEBHOOK_ID,
        "delivery_id": delivery.key.id,
        "event_id": EVENT_ID,
        "event_type": delivery.event_type,
        "attempt": attempt.number,
        "started_at": iso(attempt.started_at),
        "duration_ms": round(attempt.duration / timedelta(milliseconds=1)),
        "response_status": attempt.response.status,
        "address": attempt.address,
    }


def test_what_is_not_as_always_is_told() -> None:
    delivery = a_delivery(status=Status.RETRYING, generation=2, next_attempt_at=DUE)
    handled = Handled(
        received(delivery, receives=3),
        "late",
        HideUntil(DUE),
        "for a reason",
        delivery,
        an_attempt(trigger="retry"),
    )
    told = fields_of(handled)
    assert (
        told.items()
        >= {
            "outcome": "late",
            "detail": "for a reason",
            "then": "HideUntil",
            "queue_message_id": "m-1",
            "receives": 3,
            "status": "retrying",
            "generation": 2,
            "next_attempt_at": iso(DUE),
            "trigger": "retry",
        }.items()
    )


def test_a_message_that_stays_in_the_queue_is_told_by_its_id() -> None:
    delivery = a_delivery(status=Status.RETRYING, next_attempt_at=DUE)
    handled = Handled(received(delivery), "retrying", HideUntil(DUE), delivery=delivery)
    assert fields_of(handled)["queue_message_id"] == "m-1"
