"""The ports `NewDeliveries`, `Deliveries`, `DeliveryChanges` and `Due`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice, product
from typing import Any

import pytest

from hookline.adapters.http.sockets import Limits
from hookline.domain.delivery.delivery import (
    Delivery,
    OnItsWebhook,
    OnTheClock,
    Progress,
    RequestRecord,
    ResponseRecord,
    Status,
)
from hookline.domain.event.activation import MAX_TEXT_BYTES, activation_of
from hookline.domain.ids import TenantId
from hookline.domain.net.header_rules import MAX_HEADER_CHARACTERS
from hookline.domain.net.urls import MAX_URL_CHARACTERS
from hookline.domain.request.attempt_record import MAX_REQUEST_BODY, MAX_RESPONSE_BODY
from hookline.domain.request.headers import MAX_VALUE_LENGTH
from hookline.ports.deliveries import Outrun, Replaced
from tests.builders import HOUR, NOW, a_delivery, a_retrying_delivery, a_timeout, an_attempt, an_id
from tests.contract.deliveries import SOON, created, other, succeeded
from tests.contract.ports import RETENTION, SHARDED, Ports, ports_over

ports = ports_over("memory", *SHARDED)

EVERYTHING = a_retrying_delivery(
    generation=3,
    sequence=2,
    attempt_count=9,
    test=True,
    trigger="retry",
    activation={"active": True, "value": [1, 2.5, "x"]},
    next_attempt_at=SOON,
    waiting=OnTheClock(SOON + HOUR),
    last_shot=True,
    timer="0f1e2d3c",
    failure_reason="status 500",
    finished_at=SOON,
    last_attempt=a_timeout(
        number=9, duration=timedelta(seconds=1, microseconds=234_567), next_attempt_at=SOON
    ),
)


# -- creating and reading --------------------------------------------------------------------------


@pytest.mark.parametrize("delivery", [a_delivery(), EVERYTHING], ids=["new", "everything"])
def test_a_delivery_reads_as_it_was_created(ports: Ports, delivery: Delivery) -> None:
    created(ports, delivery)
    assert ports.delivery_changes.get(delivery.key) == delivery
    assert ports.deliveries.get_many([delivery.key]) == {delivery.key: delivery}


@pytest.mark.parametrize("text_bytes", [MAX_TEXT_BYTES, 255 * 1024])
def test_the_largest_attempt_fits_its_delivery_whatever_was_computed_sent_and_answered(
    ports: Ports, text_bytes: int
) -> None:
    value = "x" * text_bytes
    feature = {"strategies": {"": {"enabled": True, "resultType": "string", "value": value}}}
    activation = activation_of(feature, None, None, NOW).as_plain()
    names = map("".join, product("abcdefghijklmnopqrstuvwxyz", repeat=3))
    own = [(name, "") for name in islice(names, MAX_HEADER_CHARACTERS // 3)]
    attempt = an_attempt(
        request=RequestRecord(
            method="PATCH",
            url="https://example.com/".ljust(MAX_URL_CHARACTERS, "x"),
            headers=(*own, *(("X-Platform", "x" * MAX_VALUE_LENGTH) for _ in range(4))),
            body="x" * MAX_REQUEST_BODY,
            body_truncated=True,
        ),
        response=ResponseRecord(
            status=500,
            headers=tuple(("x", "é" * (Limits().head_bytes // 50)) for _ in range(50)),
            body="x" * MAX_RESPONSE_BODY,
            body_truncated=True,
        ),
    )
    (new,) = created(ports, a_delivery(activation=activation))
    first = a_retrying_delivery(activation=activation, last_attempt=attempt)
    assert ports.delivery_changes.replace(new, first) == Replaced()
    second = succeeded(first)
    assert ports.delivery_changes.replace(first, second) == Replaced()
    assert ports.delivery_changes.get(new.key) == second


def test_more_than_one_batch_of_deliveries_is_created_and_read(ports: Ports) -> None:
    deliveries = created(ports, *(a_delivery(webhook_id=an_id("wh")) for _ in range(130)))
    keys = [delivery.key for delivery in deliveries]
    assert ports.deliveries.get_many([*keys, *keys[:5]]) == dict(zip(keys, deliveries, strict=True))


def test_of_many_only_those_that_exist_are_answered(ports: Ports) -> None:
    (here,) = created(ports, a_delivery())
    assert ports.deliveries.get_many([other().key, here.key]) == {here.key: here}
    assert ports.deliveries.get_many([]) == {}


@pytest.mark.parametrize(
    ("delivery", "progress"),
    [
        (a_delivery(), Progress.UNATTEMPTED),
        (a_delivery(test=True, activation={"a": 1}), Progress.UNATTEMPTED),
        (a_delivery(waiting=OnTheClock(SOON)), Progress.UNDER_WAY),
        (a_delivery(waiting=OnItsWebhook(SOON)), Progress.UNDER_WAY),
        (a_delivery(attempt_count=1, last_attempt=an_attempt()), Progress.UNDER_WAY),
        (a_delivery(status=Status.CANCELLED), Progress.UNDER_WAY),
        (EVERYTHING, Progress.UNDER_WAY),
    ],
    ids=["new", "test", "clock", "webhook", "attempted", "ended", "everything"],
)
def test_how_far_a_delivery_is(ports: Ports, delivery: Delivery, progress: Progress) -> None:
    created(ports, delivery)
    missing = other().key
    assert ports.deliveries.progress([missing, delivery.key]) == {delivery.key: progress}
    assert ports.deliveries.progress([]) == {}


def test_an_unknown_delivery_and_another_tenants_read_as_none(ports: Ports) -> None:
    created(ports, a_delivery())
    assert ports.delivery_changes.get(other().key) is None
    assert ports.delivery_changes.get(a_delivery(tenant=TenantId("globex")).key) is None


def test_an_expired_delivery_is_gone(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    ports.clock.advance(RETENTION)
    assert ports.delivery_changes.get(delivery.key) is None
    assert ports.deliveries.get_many([delivery.key]) == {}
    assert ports.deliveries.progress([delivery.key]) == {}
    stale = replace(delivery, generation=7)
    assert ports.delivery_changes.replace(stale, succeeded(stale)) == Outrun(None)


# -- compare and set -------------------------------------------------------------------------------


def test_a_replaced_delivery_reads_as_replaced(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    after = succeeded(delivery)
    assert ports.delivery_changes.replace(delivery, after) == Replaced()
    assert ports.delivery_changes.get(delivery.key) == after


def test_every_field_can_be_set_and_cleared(ports: Ports) -> None:
    blank = replace(a_delivery(), key=EVERYTHING.key)
    created(ports, blank)
    assert ports.delivery_changes.replace(blank, EVERYTHING) == Replaced()
    assert ports.delivery_changes.get(blank.key) == EVERYTHING
    assert ports.delivery_changes.replace(EVERYTHING, blank) == Replaced()
    assert ports.delivery_changes.get(blank.key) == blank


@pytest.mark.parametrize(
    "winner",
    [
        {"status": Status.CANCELLED},
        {"generation": 1},
        {"sequence": 2},
        {"attempt_count": 2},
        {"waiting": OnTheClock(SOON + HOUR)},
        {"waiting": None},
    ],
    ids=str,
)
def test_whoever_is_outrun_is_told_what_stands(ports: Ports, winner: dict[str, Any]) -> None:
    (delivery,) = created(ports, a_retrying_delivery(waiting=OnTheClock(SOON)))
    standing = replace(delivery, **winner)
    assert ports.delivery_changes.replace(delivery, standing) == Replaced()
    assert ports.delivery_changes.replace(delivery, succeeded(delivery)) == Outrun(standing)
    assert ports.delivery_changes.get(delivery.key) == standing


def test_one_that_does_not_wait_is_outrun_by_one_that_made_it_wait(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    waits = replace(delivery, waiting=OnTheClock(SOON))
    ports.delivery_changes.replace(delivery, waits)
    assert ports.delivery_changes.replace(delivery, succeeded(delivery)) == Outrun(waits)


def test_what_is_not_there_cannot_be_replaced(ports: Ports) -> None:
    delivery = a_delivery()
    assert ports.delivery_changes.replace(delivery, succeeded(delivery)) == Outrun(None)
    assert ports.delivery_changes.get(delivery.key) is None


def test_the_same_replacement_again_stands(ports: Ports) -> None:
    (delivery,) = created(ports, a_retrying_delivery(waiting=OnTheClock(SOON)))
    after = succeeded(delivery, activation={"a": [1]})
    ports.delivery_changes.replace(delivery, after)
    assert ports.delivery_changes.replace(delivery, after) == Replaced()


def test_another_result_of_the_same_attempt_is_outrun(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    first = succeeded(delivery)
    second = succeeded(delivery, last_attempt=an_attempt(duration=timedelta(milliseconds=43)))
    ports.delivery_changes.replace(delivery, first)
    assert ports.delivery_changes.replace(delivery, second) == Outrun(first)


def test_a_change_leaves_what_it_does_not_name_as_it_stands(ports: Ports) -> None:
    (delivery,) = created(ports, a_retrying_delivery())
    blind = replace(delivery, last_attempt=None)
    assert ports.delivery_changes.replace(blind, replace(blind, generation=1)) == Replaced()
    assert ports.delivery_changes.get(delivery.key) == replace(delivery, generation=1)
