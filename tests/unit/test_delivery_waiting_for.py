"""Why a delivery waits, as its owner is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.changing import cancel, hold, postpone, retry_now
from hookline.domain.delivery.delivery import Delivery, WaitingFor
from hookline.domain.delivery.next_attempt import held_by
from hookline.domain.delivery.settling import NotYet, Plan, settle
from hookline.domain.webhook.health import Circuit, Closed, Draining, Open
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import MINUTE, NOW, a_delivery, a_retrying_delivery, a_webhook, an_attempt


def failed(asked: timedelta | None = None) -> Delivery:
    plan = Plan(RetryPolicy(), Closed(), 0.5, None, lambda _wait: True)
    return settle(a_delivery(), an_attempt(), NotYet(asked), plan, NOW).after


def test_one_on_its_way_and_one_that_has_ended_wait_for_nothing() -> None:
    for delivery in (a_delivery(), cancel(failed(), NOW), retry_now(failed(), NOW)):
        assert delivery.waiting_for is None


def test_one_that_failed_waits_for_its_schedule_or_for_what_the_endpoint_asked() -> None:
    assert failed().waiting_for == "schedule"
    assert failed(timedelta(seconds=1)).waiting_for == "schedule"
    assert failed(MINUTE).waiting_for == "retry_after"


def test_one_that_was_given_a_slot_waits_for_its_rate_limit() -> None:
    assert postpone(a_delivery(), NOW + MINUTE).waiting_for == "rate_limit"
    assert hold(postpone(a_retrying_delivery(), NOW), Closed()).waiting_for == "webhook_off"


@pytest.mark.parametrize(
    ("enabled", "limit", "circuit", "why"),
    [
        (False, None, Closed(), "webhook_off"),
        (True, 1.0, Closed(), "rate_limit"),
        (True, 1.0, Open(NOW, NOW, MINUTE), "circuit"),
        (True, None, Draining(NOW), "circuit"),
    ],
)
def test_one_that_is_held_waits_for_what_holds_it_now(
    *, enabled: bool, limit: float | None, circuit: Circuit, why: WaitingFor
) -> None:
    webhook = a_webhook(enabled=enabled, rate_limit_per_second=limit)
    assert held_by(webhook, circuit) == why
    assert held_by(None, circuit) == "webhook_off"
