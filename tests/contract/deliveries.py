"""Deliveries for the tests of their table and its index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.ids import EventId
from tests.builders import NOW, SECOND, a_delivery, an_attempt, an_id
from tests.contract.ports import Ports

SOON = NOW + 6 * SECOND


def other(**overrides: Any) -> Delivery:
    """A delivery of another event to the same webhook."""
    return a_delivery(**({"event_id": EventId(an_id("evt"))} | overrides))


def created(ports: Ports, *deliveries: Delivery) -> list[Delivery]:
    ports.new_deliveries.create(deliveries)
    return list(deliveries)


def succeeded(before: Delivery, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "status": Status.SUCCESS,
        "sequence": before.sequence + 1,
        "attempt_count": before.attempt_count + 1,
        "finished_at": SOON,
        "next_attempt_at": None,
        "waiting": None,
        "last_attempt": an_attempt(number=before.attempt_count + 1),
    }
    return replace(before, **(values | changes))
