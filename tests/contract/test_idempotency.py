"""The port `IdempotencyRecords`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.ids import PrincipalId
from hookline.ports.requests import (
    Fresh,
    IdempotentRequest,
    InProgress,
    Mismatch,
    Replay,
    StoredAnswer,
)
from tests.builders import NOW, PRINCIPAL
from tests.contract.ports import Ports

LEASE = timedelta(seconds=60)
ONE = IdempotentRequest(PRINCIPAL, "POST /v1/tenants/acme/webhooks", "k#1 \u00fc", "digest")
ANSWER = StoredAnswer(201, '{"id":"wh_1"}', {"location": "/v1/x"})


def begun(ports: Ports) -> str:
    began = ports.idempotency.begin(ONE, NOW, LEASE)
    assert isinstance(began, Fresh)
    return began.holder


def test_a_finished_request_is_replayed(ports: Ports) -> None:
    ports.idempotency.finish(ONE, begun(ports), ANSWER)
    assert ports.idempotency.begin(ONE, NOW, LEASE) == Replay(ANSWER)


def test_the_same_key_with_another_body_is_a_mismatch(ports: Ports) -> None:
    holder = begun(ports)
    other = replace(ONE, digest="other")
    assert ports.idempotency.begin(other, NOW, LEASE) == Mismatch()
    ports.idempotency.finish(ONE, holder, ANSWER)
    assert ports.idempotency.begin(other, NOW + 2 * LEASE, LEASE) == Mismatch()


def test_a_request_that_somebody_is_at_is_in_progress(ports: Ports) -> None:
    begun(ports)
    assert ports.idempotency.begin(ONE, NOW + LEASE / 2, LEASE) == InProgress()


def test_an_abandoned_request_is_fresh_after_its_lease(ports: Ports) -> None:
    first = begun(ports)
    second = ports.idempotency.begin(ONE, NOW + LEASE, LEASE)
    assert isinstance(second, Fresh)
    ports.idempotency.finish(ONE, first, StoredAnswer(500, "too late"))
    assert ports.idempotency.begin(ONE, NOW + LEASE, LEASE) == InProgress()
    ports.idempotency.finish(ONE, second.holder, ANSWER)
    assert ports.idempotency.begin(ONE, NOW + LEASE, LEASE) == Replay(ANSWER)


def test_a_request_that_was_given_up_is_fresh_at_once(ports: Ports) -> None:
    ports.idempotency.give_up(ONE, begun(ports))
    assert isinstance(ports.idempotency.begin(ONE, NOW, LEASE), Fresh)


def test_an_answer_cannot_be_given_up(ports: Ports) -> None:
    holder = begun(ports)
    ports.idempotency.finish(ONE, holder, ANSWER)
    ports.idempotency.give_up(ONE, holder)
    assert ports.idempotency.begin(ONE, NOW, LEASE) == Replay(ANSWER)


def test_answers_are_kept_for_24_hours(ports: Ports) -> None:
    ports.idempotency.finish(ONE, begun(ports), ANSWER)
    day = timedelta(hours=24)
    assert ports.idempotency.begin(ONE, NOW + day, LEASE) == Replay(ANSWER)
    assert isinstance(ports.idempotency.begin(ONE, NOW + day + LEASE, LEASE), Fresh)


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, key="k2"),
        replace(ONE, principal=PrincipalId("prn_other")),
        replace(ONE, target="POST /v1/tenants/globex/webhooks"),
    ],
)
def test_principals_targets_and_keys_are_told_apart(ports: Ports, other: IdempotentRequest) -> None:
    ports.idempotency.finish(ONE, begun(ports), ANSWER)
    assert isinstance(ports.idempotency.begin(other, NOW, LEASE), Fresh)
